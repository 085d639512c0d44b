/**
 * The schema ids of one process: the id that its own records carry, and what the ids of others mean. Everything that was
 * learned is on disk, so a registry that is down, slow or wrong stops nothing that is known.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { NamedSchema, NamedSchemas } from '../avro/batch-schemas.ts'
import { type AskRegistry, askRegistry } from './ask-registry.ts'
import { recallSchemas } from './recall-schemas.ts'
import type { RegistryTarget } from './registry-settings.ts'
import { RegistryState } from './registry-state.ts'
import { ResolveSchemas } from './resolve-schemas.ts'
import { openSchemaStore } from './schema-store.ts'
import { type RegistryHealth, RegistryWatch } from './watch-registry.ts'

export interface SchemaIdsOptions {
  readonly target: RegistryTarget
  /** Folder of what was learned; made when it is first needed. */
  readonly dir: string
  /** Told what changed for the worse or the better, for the log of the process. */
  readonly onReport: (text: string) => void
  /** How long one answer may take, in milliseconds; default 3,000. */
  readonly answerMs?: number
  /** Pause between two looks at a registry that answers, in milliseconds; default 30,000. One that does not: at most 5,000. */
  readonly lookEveryMs?: number
  /** Tests put their own in. */
  readonly ask?: AskRegistry
  readonly askTwiceAfterMs?: number
}

export interface SchemaIds {
  /** Null: none is known yet, and records can't be written. */
  ownId(): number | null
  health(): RegistryHealth
  /** The last question was answered. */
  isUp(): boolean
  /** What is known now, without asking. */
  known(ids: Iterable<number>): NamedSchemas
  /** Waits for the registry within the bounds of the settings. @throws the signal's reason */
  resolve(ids: Iterable<number>, signal?: AbortSignal): Promise<NamedSchemas>
  /** For a person who asks: at once and without waiting, whatever was heard before. Never throws. */
  resolveAnew(ids: Iterable<number>): Promise<NamedSchemas>
  /** The view of an earlier `resolve`. @throws SchemaNotThereError to be tried again; SchemaReusedError */
  recall(named: readonly NamedSchema[]): Promise<NamedSchemas>
  stop(): Promise<void>
}

const ANSWER_MS = 3_000
const LOOK_EVERY_MS = 30_000
const LOOK_AGAIN_MS_FIRST = 500
const LOOK_AGAIN_MS_MOST = 5_000
const nowMs = (): number => performance.now()

/** Waits for a first answer only when no own id is known, and comes without one when there is none. */
export async function openSchemaIds(options: SchemaIdsOptions): Promise<SchemaIds> {
  const { target, dir, onReport, answerMs = ANSWER_MS } = options
  const store = openSchemaStore(dir, target.url, onReport)
  const state = new RegistryState(options.ask ?? askRegistry(target, answerMs), nowMs)
  const resolving = new ResolveSchemas({ ...options, store, state, waitMs: target.waitMs, nowMs })
  const watch = new RegistryWatch({ store, state, used: resolving.used })
  const stopping = new AbortController()

  const report = reportChanges(watch, onReport)
  const first = watch.look().then(report)
  if (watch.ownId === null) await first
  const looking = first.then(() => lookForEver({ watch, state, report, signal: stopping.signal }, options))
  return {
    ownId: () => watch.ownId,
    health: () => watch.health(),
    isUp: () => state.detail === '',
    known: (ids) => resolving.known(ids),
    resolve: (ids, signal) => resolving.resolve(ids, signal),
    resolveAnew: (ids) => resolving.resolveAnew(ids),
    recall: (named) => recallSchemas(named, { store, state }),
    stop: async () => {
      stopping.abort()
      await looking
    },
  }
}

interface Looking {
  readonly watch: RegistryWatch
  readonly state: RegistryState
  readonly report: () => void
  readonly signal: AbortSignal
}

async function lookForEver(
  { watch, state, report, signal }: Looking,
  { lookEveryMs = LOOK_EVERY_MS }: SchemaIdsOptions,
): Promise<void> {
  for (let failures = 0; ; ) {
    failures = state.detail === '' && watch.ownId !== null ? 0 : failures + 1
    const soonMs = Math.min(LOOK_AGAIN_MS_MOST, LOOK_AGAIN_MS_FIRST * 2 ** Math.min(failures, 10))
    const ms = failures === 0 ? lookEveryMs : Math.min(soonMs, lookEveryMs)
    await pause(ms, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    await watch.look()
    report()
  }
}

/** One line when the state changes, none while it stays. */
function reportChanges(watch: RegistryWatch, onReport: (text: string) => void): () => void {
  let before: RegistryHealth['status'] = 'ok'
  return () => {
    const { status, detail } = watch.health()
    if (status !== before) onReport(status === 'ok' ? 'the schema registry is as it should be' : `${status}: ${detail}`)
    before = status
  }
}
