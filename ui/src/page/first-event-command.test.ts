import { usageEventInput } from '@ecomind/schemas'
import { describe, expect, test } from 'vitest'
import { edgeUrl, firstEventCommand } from './first-event-command.ts'

const now = new Date('2026-03-12T14:37:20.123Z')

function pageWith(content: string): Document {
  const page = document.implementation.createHTMLDocument()
  const meta = page.createElement('meta')
  meta.setAttribute('name', 'ecomind-edge-url')
  meta.setAttribute('content', content)
  page.head.append(meta)
  return page
}

describe('first event command', () => {
  test('is the quickstart’s command with the present time', () => {
    expect(firstEventCommand('http://localhost:8080', 'org_demo', now).join(' ')).toBe(
      `curl -X POST http://localhost:8080/v1/ingest -H "Content-Type: application/json" -d '{"org_id":"org_demo","user_id":"user_alice","provider":"openai","model":"gpt-4o","tokens_in":100,"tokens_out":50,"region":"US-CAISO","ts":"2026-03-12T14:37:20Z"}'`,
    )
  })

  test('its body is an event that the edge accepts', () => {
    const body = firstEventCommand('http://localhost:8080', 'org_demo', now).at(-1)?.slice(4, -1)
    expect(usageEventInput.safeParse(JSON.parse(body ?? '')).success).toBe(true)
  })

  test('the edge is where the page says, else on this host’s port 8080', () => {
    expect(edgeUrl(pageWith('https://edge.example.org/'), { protocol: 'https:', hostname: 'x' })).toBe(
      'https://edge.example.org',
    )
    expect(edgeUrl(pageWith(''), { protocol: 'http:', hostname: 'eco.local' })).toBe('http://eco.local:8080')
    expect(edgeUrl(pageWith(''), { protocol: 'http:', hostname: '127.0.0.1' })).toBe('http://localhost:8080')
  })
})
