import { describe, expect, test } from 'vitest'
import { type AllowedAdvisory, allowedAdvisories, auditVerdict } from './audit-verdict.ts'

const NOW_MS = Date.parse('2026-11-26T12:00:00Z')
const FETCH = 'GHSA-r683-j2x4-v87g'
const MINIMIST = 'GHSA-xvch-5gv4-984h'

/** As npm 10 writes it: a package of ours, one behind another, and one that is marked for the fault of the second. */
const REPORT = {
  auditReportVersion: 2,
  vulnerabilities: {
    'isomorphic-fetch': {
      name: 'isomorphic-fetch',
      severity: 'high',
      isDirect: true,
      via: ['node-fetch'],
      effects: [],
      range: '2.0.0 - 2.2.1',
      nodes: ['node_modules/isomorphic-fetch'],
      fixAvailable: { name: 'isomorphic-fetch', version: '3.0.0', isSemVerMajor: true },
    },
    minimist: {
      name: 'minimist',
      severity: 'critical',
      isDirect: true,
      via: [
        {
          source: 1097678,
          name: 'minimist',
          dependency: 'minimist',
          title: 'Prototype Pollution in minimist',
          url: `https://github.com/advisories/${MINIMIST}`,
          severity: 'critical',
          cwe: ['CWE-1321'],
          cvss: { score: 9.8, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
          range: '<0.2.4',
        },
        {
          source: 1096465,
          name: 'minimist',
          dependency: 'minimist',
          title: 'Prototype Pollution in minimist',
          url: 'https://github.com/advisories/GHSA-vh95-rmgr-6w4m',
          severity: 'moderate',
          cwe: ['CWE-1321'],
          cvss: { score: 5.6, vectorString: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L' },
          range: '<0.2.1',
        },
      ],
      effects: [],
      range: '<=0.2.3',
      nodes: ['node_modules/minimist'],
      fixAvailable: true,
    },
    'node-fetch': {
      name: 'node-fetch',
      severity: 'high',
      isDirect: false,
      via: [
        {
          source: 1095073,
          name: 'node-fetch',
          dependency: 'node-fetch',
          title: 'node-fetch forwards secure headers to untrusted sites',
          url: `https://github.com/advisories/${FETCH}`,
          severity: 'high',
          cwe: ['CWE-173', 'CWE-200', 'CWE-601'],
          cvss: { score: 8.8, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H' },
          range: '<2.6.7',
        },
      ],
      effects: ['isomorphic-fetch'],
      range: '<2.6.7',
      nodes: ['node_modules/node-fetch'],
      fixAvailable: { name: 'isomorphic-fetch', version: '3.0.0', isSemVerMajor: true },
    },
  },
  metadata: {
    vulnerabilities: { info: 0, low: 0, moderate: 0, high: 2, critical: 1, total: 3 },
    dependencies: { prod: 269, dev: 357, optional: 178, peer: 0, peerOptional: 0, total: 660 },
  },
}
const NOTHING = { ...REPORT, vulnerabilities: {} }
const entry = (id: string, name: string, until: string): AllowedAdvisory => ({
  id,
  package: name,
  reason: 'Only our own tests give it arguments.',
  until,
})
const verdict = (said: unknown, list: readonly AllowedAdvisory[] = []) =>
  auditVerdict(JSON.stringify(said), list, NOW_MS)
const refusedOf = (list: readonly AllowedAdvisory[]) => {
  const judged = verdict(REPORT, list)
  return judged.kind === 'asked' ? judged.refused.map((a) => [a.id, a.expired]) : judged
}

describe('a report', () => {
  test('without advisories refuses nothing', () => {
    expect(verdict(NOTHING)).toEqual({ kind: 'asked', packages: 269, refused: [], allowed: [], unused: [] })
  })

  test('names each high and critical advisory once, with what mends it', () => {
    expect(verdict(REPORT)).toMatchObject({
      refused: [
        { id: MINIMIST, package: 'minimist', severity: 'critical', range: '<0.2.4', fix: 'npm audit fix' },
        {
          id: FETCH,
          package: 'node-fetch',
          severity: 'high',
          title: 'node-fetch forwards secure headers to untrusted sites',
          fix: 'isomorphic-fetch@3.0.0, a new major version',
        },
      ],
    })
    const [only] = Object.values(REPORT.vulnerabilities).slice(2)
    const unmended = { ...REPORT, vulnerabilities: { a: { ...only, fixAvailable: false } } }
    expect(verdict(unmended)).toMatchObject({ refused: [{ fix: 'none yet' }] })
  })

  test('that marks packages and says no reason, or is about none, or is none, is not taken for a good one', () => {
    const { 'isomorphic-fetch': marked } = REPORT.vulnerabilities
    expect(verdict({ ...REPORT, vulnerabilities: { a: marked } }).kind).toBe('unreadable')
    const about = (prod: number) => ({ ...NOTHING, metadata: { dependencies: { prod } } })
    expect([verdict(about(0)).kind, verdict(about(1)).kind]).toEqual(['unreadable', 'asked'])
    expect(verdict({ ...NOTHING, auditReportVersion: 3 }).kind).toBe('unreadable')
    expect(auditVerdict('npm ERR!', [], NOW_MS).kind).toBe('unreadable')
    expect(auditVerdict('', [], NOW_MS).kind).toBe('unreadable')
  })
})

describe('an allowed advisory', () => {
  test('is let through to the end of its last day, and told as expired behind it', () => {
    expect(refusedOf([entry(MINIMIST, 'minimist', '2026-11-26')])).toEqual([[FETCH, null]])
    expect(refusedOf([entry(MINIMIST, 'minimist', '2026-11-25')])).toEqual([
      [MINIMIST, '2026-11-25'],
      [FETCH, null],
    ])
  })

  test('is one advisory of one package', () => {
    const others = [entry(MINIMIST, 'node-fetch', '2027-01-01'), entry(FETCH, 'minimist', '2027-01-01')]
    expect(verdict(REPORT, others)).toMatchObject({ refused: [{}, {}], allowed: [], unused: others })
  })

  test('that nobody reports any more is told', () => {
    const old = entry(MINIMIST, 'minimist', '2027-01-01')
    expect(verdict(NOTHING, [old])).toMatchObject({ refused: [], allowed: [], unused: [old] })
    expect(verdict(REPORT, [old])).toMatchObject({ allowed: [old], unused: [] })
  })

  test.each([
    [{ reason: 'fine' }, /reason/],
    [{ until: '2026-02-30' }, /until/],
    [{ until: undefined }, /until/],
    [{ id: 'CVE-2021-44906' }, /id/],
  ])('with %j is refused', (change, named) => {
    const whole = entry(MINIMIST, 'minimist', '2026-11-26')
    expect(allowedAdvisories.parse([whole])).toEqual([whole])
    expect(() => allowedAdvisories.parse([{ ...whole, ...change }])).toThrow(named)
  })
})

describe('no report', () => {
  const place = 'https://registry.example/-/npm/v1/security/advisories/bulk'
  test.each([404, 405, 501])('from a registry that answers %i: not asked', (statusCode) => {
    const message = `${statusCode} - POST ${place}`
    const said = { message, method: 'POST', uri: place, statusCode, body: '', error: { summary: '', detail: '' } }
    expect(verdict(said)).toEqual({ kind: 'not asked', why: message })
  })

  test('from a registry that was not reached: not asked', () => {
    const message = `request to ${place} failed, reason: getaddrinfo ENOTFOUND registry.example`
    expect(verdict({ message, error: { summary: '', detail: '' } })).toEqual({ kind: 'not asked', why: message })
  })

  test.each([
    { message: `401 Unauthorized - POST ${place}`, statusCode: 401 },
    { message: `500 Internal Server Error - POST ${place}`, statusCode: 500 },
    { error: { code: 'ENOLOCK', summary: 'This command requires an existing lockfile.', detail: '' } },
  ])('for another reason fails: %j', (said) => {
    expect(verdict(said).kind).toBe('unreadable')
  })
})
