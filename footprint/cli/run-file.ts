/** A file of calls: every line with its numbers, or totals by group. Lines that are refused are told and never counted. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { FactorSet } from '@ecomind/footprint'
import { CallError, readCall } from './call.ts'
import { type ComputedCall, footprintOfCalls } from './footprint-of-call.ts'
import { formatterFor } from './formats.ts'
import type { Options } from './options.ts'
import { showProgress } from './progress.ts'
import { type Line, readLines } from './read-lines.ts'

export interface Streams {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** Refused lines told one by one; more are only counted. */
const TOLD_MAX = 20

/** Returns how many lines were refused. @throws CallError when nothing can be read or written */
export async function runFile(
  options: Extract<Options, { kind: 'file' }>,
  set: FactorSet,
  streams: Streams,
): Promise<number> {
  const input = await readLines(options.file, options.input, streams.stdin)
  const output = openOutput(options.output, streams.stdout)
  const formatter = formatterFor(options, set)
  const progress = showProgress(input, streams.stderr)
  const footprintOf = footprintOfCalls(set)
  const refusals: { readonly line: number; readonly reason: string }[] = []
  let refused = 0
  let done = 0
  try {
    for await (const line of input.lines) {
      const computed = computeLine(line, footprintOf)
      if (typeof computed === 'string') {
        refused++
        if (refusals.length < TOLD_MAX) refusals.push({ line: line.number, reason: computed })
      } else {
        done++
        await output.write(formatter.line(line, computed))
      }
      progress.update()
    }
    await output.write(formatter.end({ calls: done, refused }))
    await output.close()
  } catch (cause) {
    await output.discard()
    throw cause
  } finally {
    progress.stop()
  }
  for (const { line, reason } of refusals) streams.stderr.write(`line ${line}: ${reason}\n`)
  if (refused > 0) streams.stderr.write(`${refused} of ${refused + done} lines were refused and are in no number\n`)
  return refused
}

function computeLine(line: Line, footprintOf: (call: ReturnType<typeof readCall>) => ComputedCall) {
  if (typeof line.raw === 'string') return line.raw
  try {
    return footprintOf(readCall(line.raw))
  } catch (cause) {
    if (cause instanceof CallError) return cause.message
    throw cause
  }
}

interface Output {
  write(text: string): Promise<void>
  close(): Promise<void>
  discard(): Promise<void>
}

/** A file appears whole or not at all. */
function openOutput(file: string | null, stdout: Writable): Output {
  const unfinished = file === null ? null : `${file}.unfinished-${process.pid}`
  const stream = unfinished === null ? stdout : createWriteStream(unfinished)
  let failure: Error | null = null
  stream.on('error', (error: Error) => {
    failure = error
  })
  const check = (): void => {
    if (failure !== null) throw new CallError(`${file ?? 'standard output'}: ${failure.message}`)
  }
  return {
    async write(text) {
      check()
      if (text !== '' && !stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
      check()
    },
    async close() {
      if (file === null || unfinished === null) return
      stream.end()
      await finished(stream).catch(() => undefined)
      check()
      await rename(unfinished, file)
    },
    async discard() {
      if (unfinished === null) return
      stream.end()
      await rm(unfinished, { force: true })
    },
  }
}
