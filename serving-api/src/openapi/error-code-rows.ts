/** The closed list of error codes as rows of a table. */
import { ERROR_CODES, QUARANTINE_REASONS } from '@ecomind/schemas'

export interface ErrorCodeRow {
  readonly code: string
  readonly status: number
  readonly retryable: boolean
  readonly meaning: string
}

export function errorCodeRows(): readonly ErrorCodeRow[] {
  return Object.entries(ERROR_CODES).map(([code, spec]) => ({ code, ...spec }))
}

export function quarantineReasonRows(): readonly { readonly reason: string; readonly meaning: string }[] {
  return Object.entries(QUARANTINE_REASONS).map(([reason, meaning]) => ({ reason, meaning }))
}
