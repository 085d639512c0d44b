/**
 * Makes the package `ecomind-footprint` that can be published: library and command as plain JavaScript, the factor data
 * beside them. Run: npm run build -w @ecomind/footprint
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const HERE = fileURLToPath(new URL('../', import.meta.url))
/** Part of the bundle, not a dependency: the contracts are not published by themselves. */
const BUNDLED = '@ecomind/schemas'

interface OwnPackage {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** Writes the package into `folder`, which is emptied first. */
export async function buildPackage(folder: string): Promise<void> {
  const own = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')) as OwnPackage
  const dependencies = Object.fromEntries(Object.entries(own.dependencies).filter(([name]) => name !== BUNDLED))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const result = await build({
    absWorkingDir: HERE,
    entryPoints: { index: 'src/index.ts', node: 'src/node.ts', cli: 'cli/main.ts' },
    outdir: join(folder, 'lib'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: Object.keys(dependencies),
    metafile: true,
    logLevel: 'warning',
  })
  const cli = join(folder, 'lib', 'cli.js')
  writeFileSync(cli, `#!/usr/bin/env node\n${readFileSync(cli, 'utf8')}`, { mode: 0o755 })
  for (const part of ['data', 'schema', 'README.md']) cpSync(join(HERE, part), join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(own.version, dependencies), null, 2)}\n`)
  checkImports(Object.values(result.metafile.outputs), dependencies)
}

function manifest(version: string, dependencies: Readonly<Record<string, string>>) {
  return {
    name: 'ecomind-footprint',
    version,
    description: 'What AI calls cost in energy, water and CO2e: with ranges, sources and versioned factors',
    type: 'module',
    engines: { node: '>=20.19.0' },
    bin: { 'ecomind-footprint': 'lib/cli.js' },
    exports: {
      '.': './lib/index.js',
      './node': './lib/node.js',
      './factor-set.schema.json': './schema/factor-set.schema.json',
    },
    dependencies,
  }
}

/** What is left as an import must be a dependency or part of Node, or the package fails where it is installed. */
function checkImports(
  outputs: readonly { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }[],
  dependencies: Readonly<Record<string, string>>,
): void {
  const external = outputs.flatMap((output) => output.imports.filter((i) => i.external === true).map((i) => i.path))
  const unknown = external.filter((path) => {
    const name = path.startsWith('@') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0]
    return !path.startsWith('node:') && dependencies[name ?? path] === undefined
  })
  if (unknown.length > 0) throw new Error(`build the package: imports that are no dependencies: ${unknown.join(', ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPackage(join(HERE, 'dist'))
