/** Tells the person at the terminal when a part is in trouble for longer than a moment, and when it is well again. */
import { readHealth } from './read-health.ts'

const LOOK_EVERY_MS = 3000
const ANSWER_MS_MAX = 10_000

export interface HealthWatchSpec {
  readonly name: string
  readonly healthUrl: string
  readonly say: (line: string) => void
  /** Default 3,000. */
  readonly everyMs?: number
}

/** @returns stops watching */
export function watchHealth({ name, healthUrl, say, everyMs = LOOK_EVERY_MS }: HealthWatchSpec): () => void {
  let told = ''
  let seen = ''
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    const health = await readHealth(healthUrl, ANSWER_MS_MAX)
    looking = false
    // Nobody answers: a process that ended is told of elsewhere.
    if (health === null) return
    const { trouble } = health
    // Catching up after a start is over before a second look; what is told has been seen twice.
    if (trouble === seen && trouble !== told) {
      say(trouble === '' ? `${name} is well again` : `${name} is in trouble: ${trouble}`)
      told = trouble
    }
    seen = trouble
  }
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
