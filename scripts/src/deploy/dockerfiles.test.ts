/** What can be known of the images without an engine: every step names what is there, and nothing runs as root. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { knownSettings } from '../doctor/check-settings.ts'
import { copiesOf, type Instruction, parseDockerfile } from './dockerfile.ts'

const root = (path: string) => new URL(`../../../${path}`, import.meta.url)
const read = (path: string) => readFileSync(root(path), 'utf8')
const WORKSPACES = (JSON.parse(read('package.json')) as { workspaces: string[] }).workspaces
const ALLOWED = read('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1))
/** Of Node, not of ours. */
const FOREIGN = new Set(['NODE_ENV', 'UV_THREADPOOL_SIZE'])

describe.each(['edge', 'core'])('ops/docker/%s.Dockerfile', (image) => {
  const file = parseDockerfile(read(`ops/docker/${image}.Dockerfile`))
  const last = Math.max(...file.map(({ stage }) => stage))
  const find = (name: string, stage?: number): readonly Instruction[] =>
    file.filter((one) => one.name === name && (stage === undefined || one.stage === stage))
  const names = find('FROM').map(({ rest }) => / AS (\S+)$/i.exec(rest)?.[1] ?? '')

  test('copies only what is there and what .dockerignore lets through', () => {
    const copies = copiesOf(file)
    const own = copies.filter(({ from }) => from === null).flatMap(({ sources }) => sources)
    expect(own.length).toBeGreaterThan(WORKSPACES.length)
    for (const source of own) {
      expect(existsSync(root(source)), source).toBe(true)
      expect(
        ALLOWED.some((path) => source === path || source.startsWith(`${path}/`)),
        `${source} in .dockerignore`,
      ).toBe(true)
    }
    for (const { from } of copies) if (from !== null) expect(names).toContain(from)
  })

  test('gives npm every manifest of the lock file, and names workspaces that exist', () => {
    const sources = new Set(copiesOf(file).flatMap((copy) => copy.sources))
    for (const workspace of WORKSPACES) expect(sources).toContain(`${workspace}/package.json`)
    const packages = WORKSPACES.map((path) => (JSON.parse(read(`${path}/package.json`)) as { name: string }).name)
    const wanted = find('RUN').flatMap(({ rest }) => [...rest.matchAll(/--workspace (\S+)/g)].map((match) => match[1]))
    expect(wanted.length).toBeGreaterThan(0)
    for (const name of wanted) expect(packages).toContain(name)
  })

  test('copies the sources of every workspace that the entry depends on', () => {
    const sources = new Set(
      copiesOf(file)
        .filter(({ from }) => from === null)
        .flatMap((copy) => copy.sources),
    )
    const folderOf = new Map(
      WORKSPACES.map((path) => [(JSON.parse(read(`${path}/package.json`)) as { name: string }).name, path]),
    )
    const entry = JSON.parse(find('CMD').at(-1)?.rest ?? '[]') as string[]
    const pending = [entry.at(-1)?.split('/')[0] ?? '']
    const needed = new Set<string>()
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (needed.has(path)) continue
      needed.add(path)
      const { dependencies = {} } = JSON.parse(read(`${path}/package.json`)) as {
        dependencies?: Record<string, string>
      }
      pending.push(...Object.keys(dependencies).flatMap((name) => folderOf.get(name) ?? []))
    }
    for (const path of needed) expect(sources).toContain(path)
  })

  test('runs an entry that exists, as a user that is not root, with a health check', () => {
    const entry = JSON.parse(find('CMD', last)[0]?.rest ?? '[]') as string[]
    expect(entry[0]).toBe('node')
    expect(existsSync(root(entry[1] ?? '-'))).toBe(true)
    const runs = file.filter(({ stage }) => stage === last)
    const user = runs.findIndex(({ name }) => name === 'USER')
    expect(runs[user]?.rest).toBe('node')
    expect(runs.slice(user).some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false)
    expect(find('HEALTHCHECK', last)).toHaveLength(1)
  })

  test('pins what it starts from and sets only settings that somebody reads', () => {
    expect(
      find('FROM').every(({ rest }) => /^\$\{NODE_IMAGE\}/.test(rest) || names.includes(rest.split(' ')[0] ?? '')),
    ).toBe(true)
    expect(find('ARG')[0]?.rest).toMatch(/^NODE_IMAGE=node:\d+-\w+-slim$/)
    for (const { rest } of find('ADD')) expect(rest).toMatch(/\.git#v\d+\.\d+\.\d+ /)
    const known = knownSettings()
    const set = find('ENV').flatMap(({ rest }) => rest.split(' ').map((pair) => pair.split('=')[0] ?? ''))
    expect(set.filter((name) => !known.has(name) && !FOREIGN.has(name))).toEqual([])
  })
})
