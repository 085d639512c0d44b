import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { kafkaRules, memberConfig, producerConfig } from './kafka-options.ts'
import { kafkaSettings, kafkaTarget } from './kafka-settings.ts'

const read = (env: Record<string, string>) => kafkaTarget(z.object(kafkaSettings).parse(env), 'usage')
const BROKERS = { KAFKA_BROKERS: 'a:9092, b:9093' }

describe('kafkaTarget', () => {
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'kafka-settings-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  test('without brokers there is no Kafka', () => {
    expect(read({})).toEqual({ kafka: null, faults: [] })
  })

  test('brokers alone: no encryption, no sign-in, the topic of the product', () => {
    expect(read(BROKERS).kafka).toEqual({
      brokers: ['a:9092', 'b:9093'],
      topic: 'usage',
      sessionTimeoutMs: 10_000,
      tls: null,
      sasl: null,
    })
  })

  test('TLS and a sign-in whose password lies in a file become the settings of librdkafka', () => {
    const file = join(dir, 'password')
    writeFileSync(file, 'secret\nanother line\n')
    const { kafka, faults } = read({
      ...BROKERS,
      KAFKA_TLS: 'true',
      KAFKA_CA_FILE: '/ca.pem',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'ecomind',
      KAFKA_SASL_PASSWORD_FILE: file,
    })
    expect(faults).toEqual([])
    if (kafka === null) throw new Error('no target')
    const rules = kafkaRules({ ...kafka, partitions: 2 })
    expect(producerConfig(rules)).toMatchObject({
      'bootstrap.servers': 'a:9092,b:9093',
      'security.protocol': 'sasl_ssl',
      'ssl.ca.location': '/ca.pem',
      'sasl.mechanisms': 'SCRAM-SHA-512',
      'sasl.username': 'ecomind',
      'sasl.password': 'secret',
      acks: -1,
      'enable.idempotence': true,
    })
    expect(memberConfig(rules, 'g', {})).toMatchObject({ 'enable.auto.commit': false, 'session.timeout.ms': 10_000 })
  })

  test('all faults are named together', () => {
    const { kafka, faults } = read({
      ...BROKERS,
      KAFKA_CA_FILE: '/ca.pem',
      KAFKA_SASL_PASSWORD: 'x',
      KAFKA_SASL_PASSWORD_FILE: join(dir, 'absent'),
    })
    expect(kafka).toBeNull()
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'KAFKA_CA_FILE',
      'KAFKA_SASL_PASSWORD, KAFKA_SASL_PASSWORD_FILE',
      'KAFKA_SASL_PASSWORD_FILE',
      'KAFKA_SASL_MECHANISM',
    ])
  })

  test.each(['broker', 'broker:port', 'a:1,,b:2', 'http://a:9092/x'])('refuses the brokers %s', (brokers) => {
    expect(() => read({ KAFKA_BROKERS: brokers })).toThrow(/host:port is wanted/)
  })
})
