/** Runs all checks at once, each within its time; the report keeps their order. */
import { type Check, type Finding, fault } from './finding.ts'

/** `withinMs`: how long one check may take, in milliseconds. */
export async function runChecks(checks: readonly Check[], withinMs: number): Promise<readonly Finding[]> {
  return (await Promise.all(checks.map((check) => runCheck(check, withinMs)))).flat()
}

async function runCheck({ name, run }: Check, withinMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly Finding[]>((resolve) => {
    const detail = `no answer within ${withinMs / 1000} s`
    timer = setTimeout(resolve, withinMs, [fault(name, detail, 'look whether it is overloaded or stopped')])
  })
  try {
    return await Promise.race([run(), late])
  } catch (error) {
    return [fault(name, firstLine(error), 'mend what the message names; then run this again')]
  } finally {
    clearTimeout(timer)
  }
}

/** Drivers put the reason of "could not connect" into the cause, or into the errors of an AggregateError. */
export function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return firstLine(error.errors[0])
  const own = error.message.split('\n', 1)[0] ?? ''
  const { cause } = error
  if (own === 'fetch failed' && cause instanceof Error) return firstLine(cause)
  return own === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : own
}
