/** `--compare [REV]`: the chosen figures there and here, in turns in one run (A B A B), as ratios. */
import { spawn } from 'node:child_process'
import type { BenchOptions } from '../options.ts'
import { ROOT } from '../product.ts'
import { environment } from '../report.ts'
import { baseRevision } from './base-revision.ts'
import { openBaseWorktree } from './base-worktree.ts'
import { type Measured, onlyOn, ratiosOf, type Turn, table } from './ratios.ts'

/** Each turn runs a figure once on each side; inside a turn short figures repeat themselves. */
export async function compare(options: BenchOptions, args: readonly string[]): Promise<void> {
  const base = baseRevision(ROOT, options.compare ?? '')
  const say = (line: string) => process.stderr.write(`${line}\n`)
  say(`base: ${base.name}`)
  const env = environment()
  const worktree = openBaseWorktree(ROOT, base.commit)
  const onSignal = () => {
    worktree.remove()
    process.exit(1)
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    for (const name of options.only) {
      const turns: Turn[] = []
      for (let turn = 0; turn < options.repeats; turn++) {
        say(`${name}, turn ${turn + 1} of ${options.repeats}`)
        turns.push({
          base: await measure(worktree.dir, name, args),
          here: await measure(ROOT, name, args),
        })
      }
      const ratios = ratiosOf(turns)
      for (const ratio of ratios)
        process.stdout.write(`${JSON.stringify({ ...ratio, turns: turns.length, baseCommit: base.name, ...env })}\n`)
      say(table(ratios))
      for (const side of ['base', 'here'] as const)
        for (const figure of onlyOn(side, turns)) say(`only ${side}: ${figure}`)
    }
  } finally {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
    worktree.remove()
  }
}

/** A figure that one side can't give is left out and said so: an older commit may lack what a step benchmark calls. */
async function measure(root: string, name: string, args: readonly string[]): Promise<Measured[]> {
  const own = [
    '--import',
    'tsx',
    'scripts/src/bench/main.ts',
    ...withoutCompare(args),
    '--only',
    name,
    '--repeats',
    '1',
  ]
  const child = spawn(process.execPath, own, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  const code = await ended
  if (code !== 0) process.stderr.write(`${name} in ${root} ended with ${code}: its figures are left out\n`)
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Measured)
}

function withoutCompare(args: readonly string[]): string[] {
  return args.filter((arg, i) => {
    if (arg === '--compare' || arg.startsWith('--compare=')) return false
    return args[i - 1] !== '--compare' || arg.startsWith('--')
  })
}
