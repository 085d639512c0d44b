/**
 * Data folders that take long to make, kept in a cache folder. A run gets a copy and never spoils what is kept: the files
 * of data parts, which ClickHouse writes once and never changes, are linked; everything else is copied.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { copyFile, link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FilledDays, fillDays, fillStatement, today } from './query-data.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../clickhouse/migrations', import.meta.url))
const HASH_DIGITS = 12
const NOTE = 'complete.json'
/** Column data, the bulk of a part. */
const WRITTEN_ONCE = /\.bin$/

/** Tables of other migrations or rows of another statement are other data. */
function dataKey(rows: number, days: number): string {
  const hash = createHash('sha256').update(fillStatement())
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(join(MIGRATIONS, name)))
  return `days-${days}-rows-${rows}-${hash.digest('hex').slice(0, HASH_DIGITS)}`
}

export interface PreparedData {
  readonly cached: boolean
  readonly fillSeconds: number
}

/** Puts `days` full days, the last of them today, into `folder`. Days since the cached folder was made are made in the copy. */
export async function prepareDays(
  cacheDir: string,
  folder: string,
  rowsPerDay: number,
  days: number,
): Promise<PreparedData> {
  const started = performance.now()
  const kept = join(cacheDir, dataKey(rowsPerDay * days, days))
  const cached = existsSync(join(kept, NOTE))
  if (!cached) await make(kept, { firstDay: today() - days + 1, days, rowsPerDay })
  const { lastDay } = JSON.parse(readFileSync(join(kept, NOTE), 'utf8')) as { lastDay: number }
  await mkdir(folder, { recursive: true })
  await linkTree(join(kept, 'clickhouse'), join(folder, 'clickhouse'))
  const missing = Math.min(days, today() - lastDay)
  if (missing > 0) await fillDays(folder, { firstDay: today() - missing + 1, days: missing, rowsPerDay })
  return { cached, fillSeconds: Math.round((performance.now() - started) / 1000) }
}

/** Under another name until it is whole. */
async function make(kept: string, filled: FilledDays): Promise<void> {
  const unfinished = `${kept}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await rm(kept, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  process.stderr.write(`  making ${filled.days * filled.rowsPerDay} rows in ${kept}; they are kept for the next run\n`)
  await fillDays(unfinished, filled)
  await writeFile(join(unfinished, NOTE), JSON.stringify({ ...filled, lastDay: filled.firstDay + filled.days - 1 }))
  await rename(unfinished, kept)
}

export async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await linkTree(source, target)
    else if (entry.isFile())
      await (WRITTEN_ONCE.test(entry.name) ? linkOrCopy(source, target) : copyFile(source, target))
  }
}

/** The cache may lie on another file system. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  await link(source, target).catch(() => copyFile(source, target))
}
