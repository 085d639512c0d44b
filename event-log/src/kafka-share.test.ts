import { expect, test } from 'vitest'
import { KafkaShare } from './kafka-share.ts'

test('KafkaShare tells the first share even when it is empty, and then only changes', () => {
  const share = new KafkaShare()
  expect(share.add([])).toEqual([])
  expect(share.add([])).toBeNull()
  expect(share.add([1, 0])).toEqual([0, 1])
  expect(share.add([])).toBeNull()
})

test('KafkaShare tells a partition again that went and came back: its listener has let go of it', () => {
  const share = new KafkaShare()
  share.add([0, 1])
  expect(share.remove([1, 7])).toEqual([1])
  expect(share.add([])).toEqual([0])
  share.remove([0])
  expect(share.add([0])).toEqual([0])
})
