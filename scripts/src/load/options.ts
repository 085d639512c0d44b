/** What `npm run load` is asked for. */
import { parseArgs } from 'node:util'
import profiles from '../../../ops/k6/profiles.json' with { type: 'json' }

export type ProfileName = keyof typeof profiles

export interface Profile {
  readonly what: string
  readonly p99Ms: number
  /** Requests per second at the start. */
  readonly startRate: number
  readonly stages: readonly { readonly seconds: number; readonly rate: number }[]
  /** A broken limit ends the run and is its result, not its failure. */
  readonly untilItBreaks?: boolean
  /** Growing memory or lag fails the run. */
  readonly mustStayFlat?: boolean
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = profiles

export interface LoadOptions {
  readonly name: ProfileName
  readonly profile: Profile
  readonly edgeUrl: string
  readonly apiUrl: string
  readonly shape: 'mix' | 'single' | 'batch'
  /** Of all rates, from the wanted peak. */
  readonly factor: number
  /** Of all times, from the wanted length. */
  readonly stretch: number
  readonly p99Ms: number
  /** How long to wait for the last event to come out, in seconds. */
  readonly settleSeconds: number
  readonly outDir: string
}

export const USAGE = `npm run load -- PROFILE [options]      against a running product

${Object.entries(PROFILES)
  .map(([name, { what }]) => `  ${name.padEnd(11)} ${what}`)
  .join('\n')}

  --rate N        requests per second at the peak; the other stages follow
  --minutes N     length of the whole run; the stages are stretched to it
  --p99 MS        limit of the 99th percentile of answers
  --shape NAME    mix (default: 4 of 5 requests carry one event, the others 5 to 200), single, batch
  --settle N      seconds to wait until everything is counted; default 120
  --edge URL      default http://127.0.0.1:$EDGE_PORT or :8080
  --api URL       default http://127.0.0.1:$API_PORT or :8000
  --out DIR       default load-results/ and the time
`

/** @throws Error in words for whoever typed it */
export function readLoadOptions(args: readonly string[], env: NodeJS.ProcessEnv, now: Date): LoadOptions {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rate: text,
      minutes: text,
      p99: text,
      settle: text,
      shape: { ...text, default: 'mix' },
      edge: text,
      api: text,
      out: text,
    },
  })
  const [given = '', ...more] = positionals
  const name = Object.keys(PROFILES).find((one): one is ProfileName => one === given)
  if (name === undefined || more.length > 0) {
    throw new Error(
      `${positionals.join(' ') || 'nothing'} is no profile; one of ${Object.keys(PROFILES).join(', ')} is wanted`,
    )
  }
  const shape = (['mix', 'single', 'batch'] as const).find((one) => one === values.shape)
  if (shape === undefined) throw new Error(`--shape ${values.shape}: mix, single or batch is wanted`)
  const profile = PROFILES[name]
  const peak = Math.max(...profile.stages.map(({ rate }) => rate))
  const seconds = profile.stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const local = (port: string | undefined, fallback: number) => `http://127.0.0.1:${port || fallback}`
  return {
    name,
    profile,
    shape,
    edgeUrl: values.edge ?? local(env['EDGE_PORT'], 8080),
    apiUrl: values.api ?? local(env['API_PORT'], 8000),
    factor: positive('--rate', values.rate, peak) / peak,
    stretch: (positive('--minutes', values.minutes, seconds / 60) * 60) / seconds,
    p99Ms: positive('--p99', values.p99, profile.p99Ms),
    settleSeconds: positive('--settle', values.settle, 120),
    outDir: values.out ?? `load-results/${now.toISOString().slice(0, 19).replaceAll(':', '')}-${name}`,
  }
}

function positive(option: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${option} ${text}: a number above 0 is wanted`)
  return value
}
