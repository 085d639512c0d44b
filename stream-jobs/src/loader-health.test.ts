import { describe, expect, test } from 'vitest'
import { loaderHealth } from './loader-health.ts'
import { createPartitionState, type PartitionState } from './partition-state.ts'

const state = (over: Partial<PartitionState>): PartitionState => ({
  ...createPartitionState(),
  phase: 'loading',
  ...over,
})

describe('loaderHealth', () => {
  test('tells per partition what an operator asks first', () => {
    const busy = state({ loadedTo: 7, openIntent: true, lastInsertSeconds: 0.25, quarantined: 3 })
    const watched = [
      { partition: 0, state: busy, unread: { records: 4, oldestSeconds: 12.5 } },
      { partition: 1, state: state({}), unread: null },
    ]
    expect(loaderHealth(watched, 0, 61)).toEqual({
      status: 'ok',
      detail: '',
      daysToCompare: 0,
      watermarkDelaySeconds: 61,
      partitions: [
        {
          partition: 0,
          phase: 'loading',
          detail: '',
          refused: false,
          loadedTo: 7,
          lagRecords: 4,
          oldestUnreadSeconds: 12.5,
          openIntent: true,
          lastInsertSeconds: 0.25,
          quarantined: 3,
        },
        expect.objectContaining({ lagRecords: 0, oldestUnreadSeconds: 0, lastInsertSeconds: null, quarantined: 0 }),
      ],
    })
  })

  test('a stopped partition is down, before anything that is only degraded', () => {
    const refused = { partition: 0, state: state({ refused: 'too many parts' }), unread: null }
    const stopped = { partition: 1, state: state({ phase: 'stopped', detail: 'restored from a backup' }), unread: null }
    expect(loaderHealth([refused], 0, null)).toMatchObject({
      status: 'degraded',
      detail: 'partition 0 refused: too many parts',
    })
    expect(loaderHealth([refused, stopped], 0, null)).toMatchObject({ status: 'down' })
    expect(loaderHealth([], 2, null)).toMatchObject({ status: 'degraded', detail: expect.stringContaining('2 days') })
  })
})
