/** The command of the empty state. */

const EDGE_PORT_DEFAULT = 8080

/** Where events are sent: what the server wrote into the page, else the edge's default port on this host. */
export function edgeUrl(page: Document, place: Pick<Location, 'protocol' | 'hostname'>): string {
  const told = page.querySelector('meta[name="ecomind-edge-url"]')?.getAttribute('content') ?? ''
  if (told !== '') return told.replace(/\/+$/, '')
  const host = place.hostname === '127.0.0.1' ? 'localhost' : place.hostname
  return `${place.protocol}//${host}:${EDGE_PORT_DEFAULT}`
}

/** The command in its arguments, to be joined by spaces. Safe to paste into a POSIX shell: the body holds no single quote (an organisation id can't contain one). */
export function firstEventCommand(edge: string, orgId: string, now: Date, needsKey = false): readonly string[] {
  const event = {
    org_id: orgId,
    user_id: 'user_alice',
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
    region: 'US-CAISO',
    ts: `${now.toISOString().slice(0, 19)}Z`,
  }
  return [
    `curl -X POST ${edge}/v1/ingest`,
    ...(needsKey ? ['-H "Authorization: Bearer $ECOMIND_KEY"'] : []),
    '-H "Content-Type: application/json"',
    `-d '${JSON.stringify(event)}'`,
  ]
}
