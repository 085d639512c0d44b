/** An organisation of the tenant walk, and the ids of its things; one of each kind is enough to ask for. */
import { isCursorText, renameCursor } from './cursors.ts'

export interface Things {
  /** Stands in every text of the organisation. */
  readonly mark: string
  readonly orgId: string
  readonly name: string
  readonly userId: string
  readonly teamId: string
  readonly projectId: string
  readonly model: string
  readonly eventId: string
  readonly accountId: string
  readonly email: string
  readonly keyId: string
  readonly overrideId: string
  readonly factorSetId: string
  readonly runId: string
  readonly erasureId: string
  readonly oidcId: string
  readonly samlId: string
  readonly domain: string
  readonly issuerId: string
  readonly sessionId: string
  readonly passkeyId: string
  readonly quarantineId: string
  readonly groupId: string
  /** Of a request whose answer held a secret. */
  readonly idempotencyKey: string
  /** `next_cursor` of each list, by path. */
  readonly cursors: Readonly<Record<string, string>>
}

export interface Tenant {
  readonly things: Things
  readonly keys: Readonly<Record<'admin' | 'read' | 'ingest', string>>
  /** Calls that are stored. */
  readonly calls: number
}

/** Things of the same form that nobody has. */
export function phantomOf(things: Things): Things {
  const cursors = Object.fromEntries(
    Object.entries(things.cursors).map(([path, cursor]) => [path, renamed(things, cursor)]),
  )
  const texts = Object.entries(things).filter(([name]) => name !== 'cursors')
  return {
    ...(Object.fromEntries(texts.map(([name, text]) => [name, renamed(things, text as string)])) as unknown as Things),
    cursors,
  }
}

/** The same places of each list, under the id of another organisation: what whoever understands cursors would make up. */
export function forgedFor(orgId: string, things: Things): Things {
  const cursors = Object.entries(things.cursors).map(([path, text]) => [path, renameCursor(text, { org: orgId })])
  return { ...things, cursors: Object.fromEntries(cursors) }
}

function renamed(things: Things, text: string): string {
  if (isCursorText(text))
    return renameCursor(text, { org: renamed(things, things.orgId), text: (t) => renamed(things, t) })
  if (text.includes(things.mark)) return text.replaceAll(things.mark, turned(things.mark))
  return turned(text)
}

/** Another text of the same letters and length. */
function turned(text: string): string {
  return text.replaceAll(/[0-9]/g, (d) => String((Number(d) + 3) % 10)).replaceAll(/[a-z]/g, (c) => turn(c))
}

const turn = (c: string): string => String.fromCharCode(97 + ((c.charCodeAt(0) - 97 + 13) % 26))
