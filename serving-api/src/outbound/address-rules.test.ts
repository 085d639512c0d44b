import { describe, expect, test } from 'vitest'
import { kindOfAddress } from './address-rules.ts'

describe('kindOfAddress', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['fd12::1', 'private'],
    ['169.254.169.254', 'never'],
    ['::ffff:a9fe:a9fe', 'never'],
    ['0.0.0.0', 'never'],
    ['100.100.100.200', 'never'],
    ['::', 'never'],
    ['::7f00:1', 'never'],
    ['fe80::1', 'never'],
    ['64:ff9b::a00:1', 'never'],
    ['2002:a00:1::', 'never'],
    ['224.0.0.1', 'never'],
  ] as const)('%s is %s', (address, kind) => expect(kindOfAddress(address)).toBe(kind))

  test('a name is no address', () => expect(() => kindOfAddress('localhost')).toThrow(RangeError))
})
