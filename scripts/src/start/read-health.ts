/** What a part says of itself under its /health. */
import { z } from 'zod'

const health = z.object({
  checks: z.record(z.string(), z.object({ status: z.string(), detail: z.string().optional() })),
})

export interface PartHealth {
  /** Status 200: it works, perhaps with less than all. */
  readonly ok: boolean
  /** What is not well, in one line; '' when all is. */
  readonly trouble: string
}

/** Null when nobody answers, as while a process starts. */
export async function readHealth(url: string, answerMsMax: number): Promise<PartHealth | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) })
    const { checks } = health.parse(await answer.json())
    const trouble = Object.entries(checks)
      .filter(([, check]) => check.status !== 'ok')
      .map(([part, check]) => `${part} ${check.status}${check.detail ? `, ${check.detail}` : ''}`)
    return { ok: answer.ok, trouble: trouble.join('; ') }
  } catch (error) {
    const slow = (error as Error).name === 'TimeoutError'
    return slow ? { ok: false, trouble: `no answer within ${answerMsMax / 1000} s` } : null
  }
}
