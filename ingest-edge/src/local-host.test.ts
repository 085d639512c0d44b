import { expect, it } from 'vitest'
import { isLocalHost } from './local-host.ts'

it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1', '127.0.0.1:1', '[::1]:8080', 'edge.localhost'])(
  'isLocalHost takes the names of this machine: %s',
  (host) => expect([isLocalHost(host), isLocalHost(host)]).toEqual([true, true]),
)

it.each([
  '',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'notlocalhost',
  '127.0.0.1:',
  'localhost@evil',
  '::1',
  '127.0.0.2',
])('isLocalHost refuses %j', (host) => expect([isLocalHost(host), isLocalHost(host)]).toEqual([false, false]))
