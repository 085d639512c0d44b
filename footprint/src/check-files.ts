/** Rules that need to know the file: every number's source exists, and share-alike data stays in files of its licence. */
import type { Source } from './definition.ts'
import type { NamedFactorFile } from './parse-factor-set.ts'

interface Citation {
  readonly path: string
  readonly source: string
}

const CITING_FIELDS = new Set(['sources', 'default_grid_sources'])

function citations(value: unknown, path: string): Citation[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => citations(item, `${path}[${i}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    if (CITING_FIELDS.has(key) && Array.isArray(member))
      return member.map((source) => ({ path: `${path}.${key}`, source: String(source) }))
    if (key === 'source') return [{ path: `${path}.source`, source: String(member) }]
    return citations(member, `${path}.${key}`)
  })
}

function checkCitation(file: NamedFactorFile, citation: Citation, sources: ReadonlyMap<string, Source>): string[] {
  const source = sources.get(citation.source)
  const where = `${file.name}${citation.path}`
  if (source === undefined) return [`${where}: source ${citation.source} is not in any list of sources`]
  if (source.share_alike && source.licence !== file.content.licence)
    return [
      `${where}: source ${source.id} is share-alike (${source.licence}), the file is ${file.content.licence}; move the number to a file of that licence`,
    ]
  return []
}

export function checkFiles(files: readonly NamedFactorFile[]): string[] {
  const sources = new Map(files.flatMap((f) => f.content.sources.map((s) => [s.id, s])))
  return files.flatMap((file) => {
    const { sources: _list, ...rest } = file.content
    return citations(rest, '').flatMap((citation) => checkCitation(file, citation, sources))
  })
}
