/** The lines of a CSV or JSON lines file, one by one, however large the file is. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { CallError, type RawCall } from './call.ts'

export interface Line {
  /** In the file, from 1. */
  readonly number: number
  /** An error message when the line can't be read at all. */
  readonly raw: RawCall | string
}

export interface Input {
  readonly lines: AsyncIterable<Line>
  /** Null when unknown (standard input). */
  readonly bytes: number | null
  readonly bytesRead: () => number
}

/** Lines longer than this are refused: no usage event comes near. */
const LINE_LENGTH_MAX = 1_000_000

/** @throws CallError when the file can't be opened */
export async function readLines(file: string, kind: 'csv' | 'jsonl', stdin: Readable): Promise<Input> {
  const size = file === '-' ? null : await sizeOf(file)
  const source = file === '-' ? stdin : createReadStream(file)
  let bytes = 0
  source.on('data', (chunk: Buffer | string) => {
    bytes += Buffer.byteLength(chunk)
  })
  const lines = kind === 'csv' ? csvLines(source) : jsonLines(source)
  return { lines, bytes: size, bytesRead: () => bytes }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new CallError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  if (!found.isFile()) throw new CallError(`${file}: is not a file`)
  return found.size
}

const COLUMNS_WANTED = ['provider', 'model', 'tokens_in', 'tokens_out']

/** @throws CallError when no line below it could be read as a call, or one value would hide another */
function checkedHeader(names: readonly string[]): string[] {
  const absent = COLUMNS_WANTED.filter((name) => !names.includes(name))
  if (absent.length > 0)
    throw new CallError(`the first line has no column ${absent.join(', ')}: names with commas between them are wanted`)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new CallError(`the first line has the column ${JSON.stringify(twice)} twice`)
  return [...names]
}

async function* csvLines(source: Readable): AsyncGenerator<Line> {
  const parser = parse({ columns: checkedHeader, bom: true, info: true, trim: true, max_record_size: LINE_LENGTH_MAX })
  source.on('error', (error: Error) => parser.destroy(error))
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<{
      record: RawCall
      info: { lines: number }
    }>) {
      yield { number: info.lines, raw: record }
    }
  } catch (cause) {
    if (cause instanceof CallError) throw cause
    // What follows a broken quote or a line of another length can't be told apart any more.
    throw new CallError(`the CSV can't be read on: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

async function* jsonLines(source: Readable): AsyncGenerator<Line> {
  let number = 0
  for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (text.trim() !== '') yield { number, raw: parsedLine(text) }
  }
}

function parsedLine(text: string): RawCall | string {
  if (text.length > LINE_LENGTH_MAX) return `longer than ${LINE_LENGTH_MAX} characters`
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as RawCall
    return 'is not a JSON object'
  } catch {
    return 'is not JSON'
  }
}
