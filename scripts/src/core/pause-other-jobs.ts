/**
 * Keeps the jobs of one installation apart where they work on rollups (stream-jobs/src/other-jobs.ts). Each job holds a
 * share of one lock in PostgreSQL while it loads; whoever works on rollups gives its share up and takes the lock alone.
 * The others see that it is wanted, let their open batches finish, and give up their shares for that long.
 *
 * States: sharing (loading is watched) -> yielding or alone -> sharing. Lost, from each of them, when PostgreSQL is away:
 * loading goes on, nobody can work on rollups, and a new share begins a new epoch.
 */
import type { LockSession } from '@ecomind/serving-api'
import type { OtherJobs } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'

export interface PausedJobs extends OtherJobs {
  close(): Promise<void>
}

const LOOK_EVERY_MS = 250
/** Longer than others need to see that it is wanted and to finish a batch; a job that is stopped or stuck is not waited for. */
const ALONE_WITHIN_MS = 15_000
/** Behind a wait in vain, for which every other job had stopped loading: the one that is stuck is left alone for a while. */
const REST_AFTER_VAIN_MS = 120_000

type Pause = <T>(work: () => Promise<T>) => Promise<T>

/** Resolves with a share. @throws DatabaseError when PostgreSQL does not answer */
export async function pauseOtherJobs(open: () => Promise<LockSession>, logger: Logger): Promise<PausedJobs> {
  let session: LockSession | null = null
  /** Waits for its first share. */
  let joining: LockSession | null = null
  let epochs = 0
  let pause: Pause | null = null
  let timer: NodeJS.Timeout | null = null
  let closing = false
  let restUntilMs = 0
  let looking: Promise<void> = Promise.resolve()

  const alive = (): LockSession | null => (session?.isLost() === false ? session : null)
  const begin = async (): Promise<void> => {
    const next = await open()
    joining = next
    try {
      if (closing) throw new Error('the lock between jobs: this job stops')
      await next.share()
    } catch (error) {
      await next.close()
      throw error
    } finally {
      joining = null
    }
    session = next
    epochs += 1
  }
  const look = async (): Promise<void> => {
    const own = alive()
    if (own === null) {
      if (session !== null) logger.warn('the lock between jobs is lost: rollups are left alone until it is back')
      session = null
      await begin()
      logger.info('the lock between jobs is held again')
      return
    }
    if (pause === null || !(await own.isWanted())) return
    await pause(() => yieldOnce(own).catch((error: unknown) => giveUp(own, error)))
  }
  const lookLater = (): void => {
    if (closing) return
    timer = setTimeout(() => {
      looking = look()
        .catch((error: unknown) => logger.debug({ err: error }, 'the lock between jobs: looked at again later'))
        .finally(lookLater)
    }, LOOK_EVERY_MS)
  }

  await begin()
  lookLater()
  return {
    async whilePaused(work) {
      const own = alive()
      if (own === null) throw new Error('work on rollups: PostgreSQL is away, so other jobs can not be asked to pause')
      if (performance.now() < restUntilMs) throw new Error('work on rollups: a job did not pause; asked again later')
      return await whileAlone(own, work, () => {
        restUntilMs = performance.now() + REST_AFTER_VAIN_MS
      })
    },
    epoch: () => (alive() === null ? null : epochs),
    follow: (given) => {
      pause = given
    },
    async close() {
      closing = true
      if (timer !== null) clearTimeout(timer)
      await joining?.close()
      await session?.close()
      await looking
      // Its share came while this one was stopping.
      await session?.close()
    },
  }
}

/** Gives the share up, works with the lock alone, takes the share again. */
async function whileAlone<T>(own: LockSession, work: () => Promise<T>, inVain: () => void): Promise<T> {
  await own.unshare().catch((error: unknown) => giveUp(own, error))
  try {
    await own.lock(ALONE_WITHIN_MS).catch((error: unknown) => {
      inVain()
      throw error
    })
    try {
      return await work()
    } finally {
      await own.unlock()
    }
  } finally {
    await own.share().catch((error: unknown) => giveUp(own, error))
  }
}

/** Lets a job that waits have the lock once. */
async function yieldOnce(own: LockSession): Promise<void> {
  await own.unshare()
  await own.share()
}

/** Whatever failed on a session: what it holds is not certain any more. */
async function giveUp(failed: LockSession, error: unknown): Promise<never> {
  await failed.close()
  throw error
}
