import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { buildPackage } from './build.ts'

const run = promisify(execFile)
const CALL = ['--provider', 'openai', '--model', 'gpt-4o', '--in', '100', '--out', '50', '--region', 'US-CAISO']
const folder = mkdtempSync(join(tmpdir(), 'ecomind-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The folder of an installed package, in this repository. */
function installed(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name)
  return entry.slice(0, entry.lastIndexOf(`node_modules${sep}${name}`) + `node_modules${sep}${name}`.length)
}

test('the package that would be published works by itself under plain Node, as command and as library', async () => {
  const built = join(folder, 'built')
  await buildPackage(built)
  const { stdout: packed } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built })
  const [pack] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[]
  expect(pack?.files.map((f) => f.path)).toEqual(
    expect.arrayContaining(['lib/cli.js', 'lib/index.js', 'lib/node.js', 'data/grid_intensity.yaml', 'README.md']),
  )

  // As npm would lay it out, with nothing but the dependencies that it declares.
  const app = join(folder, 'app')
  const home = join(app, 'node_modules', 'ecomind-footprint')
  await mkdir(dirname(home), { recursive: true })
  await cp(built, home, { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) await symlink(installed(name), join(app, 'node_modules', name))

  const command = await run(process.execPath, [join(home, 'lib', 'cli.js'), ...CALL, '--json'], { cwd: app })
  const here = fileURLToPath(new URL('../bin/ecomind-footprint.js', import.meta.url))
  const { stdout: wanted } = await run(process.execPath, [here, ...CALL, '--json'])
  expect(JSON.parse(command.stdout)).toEqual(JSON.parse(wanted))

  const script = `import { activityOfCall } from 'ecomind-footprint'
    import { loadDefaultFactorSet } from 'ecomind-footprint/node'
    console.log(JSON.stringify([loadDefaultFactorSet().id, activityOfCall({ tokens_in: 3, tokens_out: 4 }).tokensOut]))`
  const library = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: app })
  expect(JSON.parse(library.stdout)).toEqual([JSON.parse(wanted).factor_set.id, 4])
})
