/** Questions to the analysts' SQL port, over plain HTTP as `curl` would ask them. */

export type Cell = string | number | boolean | null
export type Row = readonly Cell[]

/** Rows of a SELECT as arrays. 64-bit integers and decimals may come as text: read them with Number or BigInt. */
export async function querySql(sqlUrl: string, text: string): Promise<Row[]> {
  const answer = await fetch(`${sqlUrl}/?default_format=JSONCompactEachRow`, {
    method: 'POST',
    body: text,
    signal: AbortSignal.timeout(60_000),
  })
  const body = await answer.text()
  if (answer.status !== 200) throw new Error(`query the SQL port: ${answer.status}: ${body.slice(0, 500)}\n${text}`)
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** A string literal of ClickHouse. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
