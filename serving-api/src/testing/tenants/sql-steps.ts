/** What a curious analyst asks at both doors of SQL, naming the things of one organisation. */
import { ask, type Signs, type Wanted } from './ask.ts'
import { findLeaks, type SeenAnswer, without } from './find-leaks.ts'
import { phantomOf, type Tenant, type Things } from './tenant.ts'
import { differenceOf, secretsOf, textsOf } from './walk.ts'

export const STATEMENTS: readonly ((t: Things) => string)[] = [
  (t) => `SELECT count() AS n FROM usage_events WHERE org_id = '${t.orgId}'`,
  (t) =>
    `SELECT * FROM usage_events WHERE event_id = '${t.eventId}' OR user_id = '${t.userId}' OR model = '${t.model}'`,
  (t) => `SELECT groupUniqArray(org_id) AS o, sum(calls) AS c FROM usage_1d WHERE project_id = '${t.projectId}'`,
  (t) => `SELECT count() AS n FROM quarantine WHERE org_id = '${t.orgId}' OR detail LIKE '%${t.mark}%'`,
  (t) => `WITH '${t.orgId}' AS org_id SELECT count() AS n FROM usage_events WHERE team_id = '${t.teamId}'`,
  (t) => `SELECT '${t.orgId}' AS org_id, count() AS n FROM usage_events`,
  (t) => `SELECT count() AS n FROM ecomind.usage_events WHERE org_id = '${t.orgId}'`,
  (t) => `SELECT count() AS n FROM merge(REGEXP('.*'), 'usage_events') WHERE org_id = '${t.orgId}'`,
  (t) => `SELECT throwIf(org_id = '${t.orgId}', 'there') FROM usage_events`,
  (t) => `SELECT CAST(user_id AS UInt8) FROM usage_events WHERE org_id = '${t.orgId}'`,
  (t) => `SELECT count() AS n FROM usage_events SETTINGS SQL_org_id = '${t.orgId}'`,
  (t) => `SELECT 1; SELECT count() AS n FROM usage_events WHERE org_id = '${t.orgId}'`,
  (t) => `SELECT count() AS n /* ${t.orgId} */ FROM usage_events -- WHERE org_id = '${t.orgId}'`,
  (t) => `SELECT query FROM system.query_log WHERE query LIKE '%${t.orgId}%'`,
  (t) => `EXPLAIN SELECT * FROM usage_events WHERE org_id = '${t.orgId}'`,
  (t) => `SHOW TABLES LIKE '%${t.orgId}%'`,
  (t) => `DESCRIBE TABLE (SELECT '${t.orgId}' AS a)`,
  (t) =>
    `SELECT count() AS n FROM usage_events WHERE org_id IN (SELECT DISTINCT org_id FROM usage_events WHERE org_id = '${t.orgId}')`,
]
const FORMATS = ['JSON', 'CSV', 'Parquet', 'Arrow']

interface SqlStep {
  readonly url: string
  readonly name: string
  readonly wanted: (t: Things) => Wanted
}

/** Each with the organisation's name also wherever ClickHouse's clients give one. */
export function sqlSteps(apiUrl: string, portUrl: string): readonly SqlStep[] {
  const over = FORMATS.flatMap((format) =>
    STATEMENTS.slice(0, format === 'JSON' ? undefined : 3).map((statement) => ({ format, statement })),
  )
  const inApi = over.map(({ format, statement }) => ({
    url: apiUrl,
    name: `/v1/sql ${format} ${statement.toString()}`,
    wanted: (t: Things) => post('/v1/sql', JSON.stringify({ query: statement(t), format }), {}),
  }))
  const atPort = STATEMENTS.map((statement) => ({
    url: portUrl,
    name: `SQL port ${statement.toString()}`,
    wanted: (t: Things) => post('/', statement(t), {}),
  }))
  const naming = [
    (t: Things) => post(`/?user=${t.orgId}`, 'SELECT 1', {}),
    (t: Things) => post(`/?database=${t.orgId}`, 'SELECT 1', {}),
    (t: Things) => post(`/?query_id=${t.keyId}`, 'SELECT 1', {}),
    (t: Things) => post(`/?session_id=${t.sessionId}`, 'SELECT 1', {}),
    (t: Things) => post(`/?role=${t.orgId}`, 'SELECT 1', {}),
    (t: Things) => post('/', 'SELECT 1', { 'x-clickhouse-user': t.orgId }),
    (t: Things) => post('/', 'SELECT 1', { 'x-clickhouse-database': t.orgId }),
    (t: Things) => post(`/?param_org=${t.orgId}`, 'SELECT count() FROM usage_events WHERE org_id = {org:String}', {}),
  ].map((wanted) => ({ url: portUrl, name: `SQL port ${wanted.toString()}`, wanted }))
  return [...inApi, ...atPort, ...naming]
}

const post = (target: string, body: string, headers: Record<string, string>): Wanted => ({
  method: 'POST',
  target,
  body,
  headers: { ...headers, 'content-type': target === '/v1/sql' ? 'application/json' : 'text/plain' },
})

/** The faults of one step, each in a sentence. */
export async function sqlFaults(step: SqlStep, signs: Signs, foreign: Things, others: readonly Tenant[]) {
  const heard = async (things: Things) => {
    const wanted = step.wanted(things)
    const text = JSON.stringify(wanted)
    const said = textsOf(things).filter((value) => text.includes(value))
    // The mark alone, where a statement looks for it.
    if (text.includes(`%${things.mark}%`)) said.push(`%${things.mark}%`)
    return { said, answer: await ask(step.url, wanted, signs) }
  }
  const told = await heard(foreign)
  const untold = await heard(phantomOf(foreign))
  const leaks = findLeaks(told.answer, { secrets: others.flatMap(secretsOf), said: told.said })
  const [a, b] = [comparable(told.answer, told.said), comparable(untold.answer, untold.said)]
  return [
    ...leaks.map((leak) => `${step.name} tells ${leak}`),
    ...(a === b ? [] : [`${step.name} is answered otherwise than for nobody: ${differenceOf(a, b)}`]),
  ]
}

function comparable({ status, body }: SeenAnswer, said: readonly string[]): string {
  const steady = body
    .toString('latin1')
    .replaceAll(/"(?:elapsed|request_id)": ?[^,}\s]+/g, '')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
  return `${status} ${without(steady, said, '<said>')}`
}
