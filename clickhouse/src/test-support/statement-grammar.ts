/** Statements that a grammar makes for the fuzzer: mostly such as the engine takes, with hostile pieces in every place. */
import fc from 'fast-check'
import { MARKER, OTHER } from './two-organisations.ts'

const pick = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const join = (separator: string, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.filter((text) => text !== '').join(separator))
/** One time in `weight` + 1 the hostile one. */
const mostly = (good: fc.Arbitrary<string>, hostile: fc.Arbitrary<string>, weight = 12): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: good, weight }, { arbitrary: hostile, weight: 1 })

const literal = pick(
  `'${OTHER}'`,
  `'org_a'`,
  `'${MARKER}-gpt-4o'`,
  `'gpt-4o'`,
  "''",
  '0',
  '1',
  '-1',
  '7777777',
  'NULL',
  "'%'",
)
const textColumn = mostly(
  pick('org_id', 'user_id', 'team_id', 'provider', 'model', 'region', 'factor_set', 'factor_id', 'source'),
  pick('log_offset', '_part', '_table', 'content_hash', 'ecomind.usage_1d.model', 't.org_id', 'coefficients'),
  24,
)
const numberColumn = pick('tokens_in', 'tokens_out', 'tokens_cache_read', 'tokens_reasoning')

const { text, number, condition } = fc.letrec<{ text: string; number: string; condition: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    textColumn,
    literal.map((value) => `toString(${value})`),
    join('', pick('upper(', 'reverse(', 'base64Encode(', 'hex(', 'trim('), tie('text'), pick(')')),
    fc.tuple(tie('condition'), tie('text'), tie('text')).map(([c, a, b]) => `if(${c}, ${a}, ${b})`),
    fc.tuple(tie('text'), literal).map(([a, b]) => `transform(${a}, [toString(${b})], ['!'], 'QQ==')`),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `concat(${a}, ${b})`),
  ),
  number: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    numberColumn,
    pick('0', '1', '7777777'),
    join('', pick('length(', 'sipHash64(', 'cityHash64('), tie('text'), pick(')')),
    fc
      .tuple(pick('intDiv', 'modulo', 'bitAnd', 'plus', 'greatest'), tie('number'), tie('number'))
      .map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc.tuple(tie('condition')).map(([c]) => `toUInt8(if(${c}, 'x', '1'))`),
    tie('condition').map((c) => `intDiv(1, NOT (${c}))`),
  ),
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(tie('text'), pick('=', '!=', 'LIKE', '<', '>'), literal).map(([a, op, b]) => `${a} ${op} toString(${b})`),
    fc.tuple(tie('number'), pick('=', '!=', '<', '>='), tie('number')).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('condition'), pick('AND', 'OR'), tie('condition')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('text').map((a) => `base64Decode(${a}) = ''`),
    fc
      .tuple(tie('text'), pick('IN', 'NOT IN', 'GLOBAL IN'))
      .map(([a, op]) => `${a} ${op} (SELECT org_id FROM usage_1d)`),
    fc.tuple(literal).map(([b]) => `toString(${b}) IN (SELECT model FROM usage_events)`),
  ),
}))

const aggregate = fc.oneof(
  pick('count()', 'uniqExact(org_id)', 'groupUniqArray(org_id)', 'max(ts)'),
  fc
    .tuple(pick('max', 'min', 'any', 'uniqExact', 'count', 'sumMap'), text)
    .map(([f, a]) => (f === 'sumMap' ? `sumMap(map(${a}, 1))` : f === 'any' ? `max(${a})` : `${f}(${a})`)),
  fc
    .tuple(pick('sum', 'max', 'min', 'sumIf'), number, condition)
    .map(([f, a, c]) => (f === 'sumIf' ? `sumIf(${a}, ${c})` : `${f}(${a})`)),
  condition.map((c) => `countIf(${c})`),
)

const table = mostly(
  pick('usage_events', 'ecomind.usage_events', 'usage_1d', '`ecomind`.`usage_1h`', 'ecomind.usage_15m', 'usage_1m'),
  pick(
    'ecomind.watermarks',
    "merge('ecomind', '.*')",
    'system.parts',
    'ecomind_analyst.usage_events',
    "remote('127.0.0.1', ecomind.usage_events)",
    'view(SELECT * FROM ecomind.usage_events)',
    'usage_events FINAL',
    'usage_events SAMPLE 1/2',
    '(SELECT * FROM usage_1d)',
    `(SELECT * FROM usage_1d SETTINGS log_comment = 'a/b/${OTHER}')`,
  ),
)

const where = fc.oneof(
  { arbitrary: fc.constant(''), weight: 2 },
  { arbitrary: condition.map((c) => `WHERE ${c}`), weight: 6 },
  { arbitrary: condition.map((c) => `PREWHERE ${c}`), weight: 1 },
)
const tail = mostly(
  pick(''),
  pick(
    "SETTINGS log_comment = ''",
    'SETTINGS optimize_move_to_prewhere = 1',
    "INTO OUTFILE 'x'",
    '; SELECT * FROM ecomind.watermarks',
    '-- ;',
    'UNION ALL SELECT 1',
  ),
)

const grouped = fc
  .tuple(textColumn, aggregate, table, where, condition)
  .map(
    ([key, a, from, w, h]) =>
      `SELECT ${key} AS k, ${a} AS a FROM ${from} AS t ${w} GROUP BY k HAVING max(${h}) OR 1 ORDER BY ALL`,
  )
const total = fc
  .tuple(aggregate, aggregate, table, where)
  .map(([a, b, from, w]) => `SELECT ${a}, ${b} FROM ${from} AS t ${w}`)
const listed = fc
  .tuple(text, number, table, where)
  .map(([a, b, from, w]) => `SELECT ${a} AS a, ${b} AS b FROM ${from} AS t ${w} ORDER BY ALL`)
const nested = fc
  .tuple(aggregate, table, where, condition)
  .map(([a, from, w, c]) => `WITH t AS (SELECT * FROM ${from} AS u ${w}) SELECT ${a} FROM t WHERE ${c}`)
const joined = fc
  .tuple(aggregate, pick('INNER', 'LEFT', 'FULL'), table, condition)
  .map(
    ([a, kind, from, c]) =>
      `SELECT ${a} FROM ${from} AS t ${kind} JOIN (SELECT DISTINCT model AS m, org_id AS o FROM usage_1d) AS j ON t.model = j.m WHERE ${c}`,
  )

/** A statement of an analyst, of a hostile one now and then. */
export const statement: fc.Arbitrary<string> = join(' ', fc.oneof(grouped, total, listed, nested, joined), tail)
