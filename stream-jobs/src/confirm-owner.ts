/**
 * A job that stood still (a stopped process, a paused machine, an outage that refused for long) may have lost its partition
 * without knowing. Its token keeps a late insert from counting twice only for as long as ClickHouse remembers the token, so
 * before an insert the intent is committed again when its last commit is some time ago: the log refuses it to who was fenced.
 */
import type { ConfirmOwner } from './insert-batch.ts'
import { formatNote, type Intent } from './intent.ts'
import type { PartitionContext } from './partition-context.ts'

/** Far longer than an insert usually waits for its turn, and shorter than a session. */
const CONFIRM_AFTER_MS = 1_000

/** @param intent as it was just committed */
export function confirmOwner(
  intent: Intent,
  { membership, partition }: Pick<PartitionContext, 'membership' | 'partition'>,
  nowMs: () => number = () => performance.now(),
): ConfirmOwner {
  let confirmedMs = nowMs()
  let confirming: Promise<void> | null = null
  const confirm = async (): Promise<void> => {
    const startedMs = nowMs()
    await membership.commit(partition, intent.from, formatNote(intent))
    confirmedMs = startedMs
  }
  return async () => {
    if (nowMs() - confirmedMs < CONFIRM_AFTER_MS) return
    // Two inserts of a batch go side by side, and a partition has one commit under way.
    confirming ??= confirm().finally(() => {
      confirming = null
    })
    await confirming
  }
}
