import { expect, test } from 'vitest'
import { freePort, freePorts } from './free-ports.ts'

const ALL = Array.from({ length: 500 })

test('free ports of one process are all different, whether they are drawn together, in turn or at once', async () => {
  const ports: number[] = []
  for (const _ of ALL) ports.push(...(await freePorts(3)))
  for (const _ of ALL) ports.push(await freePort())
  ports.push(...(await Promise.all(ALL.map(freePort))))
  expect(new Set(ports).size).toBe(5 * ALL.length)
})
