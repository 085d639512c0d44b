/**
 * Keeps old log records readable for ever. Every schema version has a file of golden bytes; each version must read the
 * golden bytes of itself and of all older ones, and neither a released schema nor its bytes may change.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import avsc from 'avsc'

export interface CompatibilityReport {
  /** How many (reader, golden bytes) pairs were read. */
  readonly pairs: number
  /** What is wrong, one sentence each; empty when all is well. */
  readonly faults: readonly string[]
}

/** Confluent header before the Avro bytes. */
const HEADER_BYTES = 5

interface Version {
  /** `usage-batch` */
  readonly family: string
  readonly version: number
  readonly file: string
  readonly type: avsc.Type
}

/**
 * @param avroDir folder of `family.vN.avsc`
 * @param goldenDir folder of `family.vN.bin` (a whole record) and `checksums.json` (SHA-256 by file name)
 */
export function checkCompatibility(avroDir: string, goldenDir: string): CompatibilityReport {
  const checksums = JSON.parse(readFileSync(join(goldenDir, 'checksums.json'), 'utf8')) as Record<string, string>
  const versions = readVersions(avroDir)
  const faults = [...checkSums(versions, avroDir, goldenDir, checksums)]
  let pairs = 0
  for (const writer of versions) {
    const golden = join(goldenDir, `${writer.family}.v${writer.version}.bin`)
    if (!existsSync(golden)) continue
    const bytes = readFileSync(golden).subarray(HEADER_BYTES)
    for (const reader of versions) {
      if (reader.family !== writer.family || reader.version < writer.version) continue
      pairs++
      const fault = readFault(reader, writer, bytes)
      if (fault !== null) faults.push(`read ${writer.file}'s golden bytes with ${reader.file}: ${fault}`)
    }
  }
  if (pairs === 0) faults.push(`check compatibility: nothing was found to check in ${avroDir}`)
  return { pairs, faults }
}

function readVersions(avroDir: string): Version[] {
  return readdirSync(avroDir).flatMap((file) => {
    const match = /^(.+)\.v(\d+)\.avsc$/.exec(file)
    if (match === null) return []
    const schema = JSON.parse(readFileSync(join(avroDir, file), 'utf8')) as avsc.Schema
    return [{ family: match[1] ?? '', version: Number(match[2]), file, type: avsc.Type.forSchema(schema) }]
  })
}

function* checkSums(
  versions: readonly Version[],
  avroDir: string,
  goldenDir: string,
  checksums: Readonly<Record<string, string>>,
): Generator<string> {
  const paths = new Map<string, string>()
  for (const { family, version, file } of versions) {
    paths.set(file, join(avroDir, file))
    paths.set(`${family}.v${version}.bin`, join(goldenDir, `${family}.v${version}.bin`))
  }
  for (const [name, path] of paths) {
    if (!existsSync(path)) yield `check ${name}: the file is missing; every schema version needs its golden bytes`
    else if (checksums[name] === undefined) yield `check ${name}: it has no checksum in checksums.json`
    else if (checksums[name] !== sha256(path))
      yield `check ${name}: it was changed after its release; make a new version`
  }
  for (const name of Object.keys(checksums)) {
    if (!paths.has(name)) yield `check ${name}: it was released and is gone`
  }
}

function readFault(reader: Version, writer: Version, bytes: Buffer): string | null {
  try {
    const resolver = reader === writer ? undefined : reader.type.createResolver(writer.type)
    reader.type.fromBuffer(bytes, resolver)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
