/** Values as ClickHouse literals. Backslash and quote are what could end a literal; both are always escaped. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** `it's` -> `'it\'s'`. */
export function quoteString(value: string): string {
  return `'${value.replace(/[\\'\0\b\f\n\r\t]/g, (c) => ESCAPES[c] ?? c)}'`
}

/** Names of tables, columns and settings that we put into a text ourselves. @throws RangeError for anything else */
export function checkIdentifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new RangeError(`check identifier: ${JSON.stringify(name)} is not [A-Za-z_][A-Za-z0-9_]*`)
  }
  return name
}
