/** What a check says: one line each, whether it is well or not. */

export type FindingStatus = 'ok' | 'warning' | 'fault'

export interface Finding {
  /** What was looked at, in few words; unique in a report. */
  readonly name: string
  /** fault: it does not work, or loses something. warning: it works, but somebody should know. */
  readonly status: FindingStatus
  /** What was seen. */
  readonly detail: string
  /** What to do about it; absent when it is well. */
  readonly mend?: string
}

/** Looks at one thing; never changes it. A check that throws is reported as a fault. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<readonly Finding[]>
}

export const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail })

export const warning = (name: string, detail: string, mend: string): Finding => {
  return { name, status: 'warning', detail, mend }
}

export const fault = (name: string, detail: string, mend: string): Finding => ({ name, status: 'fault', detail, mend })
