/** Entries as text: JSON lines that a program can verify, or CSV (RFC 4180) that a spreadsheet can open without harm. */
import { stringify } from 'csv-stringify/sync'
import { type AuditEntry, auditFields } from './entry.ts'

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export const shownEntry = (entry: AuditEntry) => ({ id: entry.id, ...auditFields(entry), hash: entry.hash })

export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
}

const CSV_COLUMNS = [
  'id',
  'org_id',
  'seq',
  'at',
  'actor',
  'role',
  'from',
  'action',
  'resource_type',
  'resource_id',
  'request_id',
  'outcome',
  'before',
  'after',
  'prev_hash',
  'hash',
] as const satisfies readonly (keyof ReturnType<typeof shownEntry>)[]

/** What stands before the first entry. */
export const exportHead = (format: ExportFormat): string => (format === 'csv' ? `${CSV_COLUMNS.join(',')}\r\n` : '')

export function exportText(format: ExportFormat, entries: readonly AuditEntry[]): string {
  const shown = entries.map(shownEntry)
  if (format === 'jsonl') return shown.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  // Cells that a spreadsheet would take for a formula get an apostrophe in front.
  return stringify(shown, { columns: [...CSV_COLUMNS], record_delimiter: 'windows', escape_formulas: true })
}
