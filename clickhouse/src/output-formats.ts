/** Formats an answer may have, with their media types. Formats that read a schema file are left out on purpose. */

const TEXT = 'text/plain; charset=UTF-8'
const TSV = 'text/tab-separated-values; charset=UTF-8'
const CSV = 'text/csv; charset=UTF-8'
const JSON_TYPE = 'application/json; charset=UTF-8'
const NDJSON = 'application/x-ndjson; charset=UTF-8'
const BINARY = 'application/octet-stream'

export const OUTPUT_FORMATS: ReadonlyMap<string, string> = new Map([
  ['TabSeparated', TSV],
  ['TabSeparatedWithNames', TSV],
  ['TabSeparatedWithNamesAndTypes', TSV],
  ['TabSeparatedRaw', TSV],
  ['TSV', TSV],
  ['TSVWithNames', TSV],
  ['TSVWithNamesAndTypes', TSV],
  ['TSVRaw', TSV],
  ['CSV', CSV],
  ['CSVWithNames', CSV],
  ['CSVWithNamesAndTypes', CSV],
  ['JSON', JSON_TYPE],
  ['JSONStrings', JSON_TYPE],
  ['JSONCompact', JSON_TYPE],
  ['JSONCompactStrings', JSON_TYPE],
  ['JSONColumns', JSON_TYPE],
  ['JSONColumnsWithMetadata', JSON_TYPE],
  ['JSONObjectEachRow', JSON_TYPE],
  ['JSONEachRow', NDJSON],
  ['JSONStringsEachRow', NDJSON],
  ['JSONCompactEachRow', NDJSON],
  ['JSONCompactStringsEachRow', NDJSON],
  ['JSONCompactEachRowWithNames', NDJSON],
  ['JSONCompactEachRowWithNamesAndTypes', NDJSON],
  ['JSONCompactStringsEachRowWithNames', NDJSON],
  ['JSONCompactStringsEachRowWithNamesAndTypes', NDJSON],
  ['JSONLines', NDJSON],
  ['NDJSON', NDJSON],
  ['Pretty', TEXT],
  ['PrettyCompact', TEXT],
  ['PrettySpace', TEXT],
  ['PrettyNoEscapes', TEXT],
  ['PrettyCompactNoEscapes', TEXT],
  ['Vertical', TEXT],
  ['Values', TEXT],
  ['Markdown', 'text/markdown; charset=UTF-8'],
  ['XML', 'application/xml; charset=UTF-8'],
  ['RowBinary', BINARY],
  ['RowBinaryWithNames', BINARY],
  ['RowBinaryWithNamesAndTypes', BINARY],
  ['Native', BINARY],
  ['Parquet', BINARY],
  ['Arrow', BINARY],
  ['ArrowStream', BINARY],
  ['Null', TEXT],
])
