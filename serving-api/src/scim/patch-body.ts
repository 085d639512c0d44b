/** PATCH bodies of SCIM in the dialects that clients send, as one plain list of operations. */
import { z } from 'zod'
import { canonicalKeys, canonicalPath } from './attribute-names.ts'
import { ScimFault } from './messages.ts'

const PATH_LENGTH_MAX = 1000
const OPERATIONS_MAX = 1000

const bodyShape = z.looseObject({
  operations: z
    .array(
      z.looseObject({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(PATH_LENGTH_MAX).nullish(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(OPERATIONS_MAX),
})

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove'
  /** Canonical; null: the resource itself. */
  readonly path: string | null
  readonly value: unknown
}

/** @throws ScimFault invalidSyntax, invalidPath, noTarget */
export function readPatch(body: unknown): readonly PatchOperation[] {
  const parsed = bodyShape.safeParse(lowerKeys(body))
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join('.') || 'Operations'
    throw new ScimFault('invalidSyntax', `${path}: a list of add, replace and remove is wanted`, { field: path })
  }
  return parsed.data.operations.map(({ op, path, value }) => {
    const target = path === undefined || path === null || path === '' ? null : canonicalTarget(path)
    if (op === 'remove' && target === null)
      throw new ScimFault('noTarget', 'Operations: remove wants a path', { field: 'Operations' })
    const canonical = canonicalKeys(value)
    refuseReserved(canonical)
    return { op, path: target, value: canonical }
  })
}

function lowerKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner] as const)
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      key === 'operations' && Array.isArray(inner) ? inner.map((entry) => lowerKeys(entry)) : inner,
    ]),
  )
}

/** `emails[type eq "work"].value`: the names outside of the brackets. */
function canonicalTarget(path: string): string {
  refuseReservedName(path)
  const open = path.indexOf('[')
  const close = path.lastIndexOf(']')
  if (open < 0) return canonicalPath(path)
  if (close < open) throw new ScimFault('invalidPath', 'path: a bracket is not closed', { field: 'path' })
  const rest = path.slice(close + 1)
  return `${canonicalPath(path.slice(0, open))}${path.slice(open, close + 1)}${rest === '' ? '' : `.${canonicalPath(rest.replace(/^\./, ''))}`}`
}

/** Names that mean something to JavaScript itself would reach beyond the resource. */
const RESERVED = /(?:^|[^A-Za-z0-9_])(?:__proto__|prototype|constructor)(?![A-Za-z0-9_])/i

function refuseReservedName(name: string): void {
  if (RESERVED.test(name)) throw new ScimFault('invalidPath', 'path: there is no such attribute', { field: 'path' })
}

function refuseReserved(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    refuseReservedName(key)
    refuseReserved(inner)
  }
}
