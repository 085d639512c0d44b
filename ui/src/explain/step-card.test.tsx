import type { ExplainStep, Source } from '@ecomind/schemas'
import { render } from '@solidjs/testing-library'
import { describe, expect, test } from 'vitest'
import { SourceList } from './source-list.tsx'
import { StepCard } from './step-card.tsx'

const step: ExplainStep = {
  id: 'energy',
  label: 'Energy',
  formula: 'kwh = tokens * wh / 1000',
  inputs: [
    { name: 'tokens', unit: 'tokens', value: { low: 1500, central: 1500, high: 1500 }, source_ids: [] },
    { name: 'wh', unit: 'Wh', value: { low: 0.1, central: 0.23456, high: 0.5 }, source_ids: ['paper', 'gone'] },
  ],
  result: { low: 0.000_01, central: 0.000_023_456, high: 0.000_05 },
  unit: 'kWh',
}
const sources: Source[] = [
  { id: 'grid', title: 'Grid', url: 'javascript:alert(1)', year: 2024, licence: 'CC BY 4.0' },
  { id: 'paper', title: 'Paper', url: 'https://example.org/p', year: 2025, licence: 'CC BY-SA 4.0' },
]

function rowsOf(container: HTMLElement): string[][] {
  return [...container.querySelectorAll('tbody tr, tfoot tr')].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => (cell.textContent ?? '').replace(/\s+/g, ' ').trim()),
  )
}

describe('StepCard', () => {
  test('shows what is exact once, ranges in four digits, and small results with an exponent', () => {
    const { container } = render(() => <StepCard step={step} number={1} sources={sources} />)
    expect(rowsOf(container)).toEqual([
      ['tokens tokens', '', '1,500', 'exact'],
      ['wh Source 2Wh', '0.1', '0.2346', '0.5'],
      ['Result kWh', '1.000e-5', '2.346e-5', '5.000e-5'],
    ])
  })

  test('marks the sources by their place in the list and leaves out what the list lacks', () => {
    const { container } = render(() => <StepCard step={step} number={1} sources={sources} />)
    expect([...container.querySelectorAll('a')].map((mark) => mark.getAttribute('href'))).toEqual(['#source-2'])
  })
})

describe('SourceList', () => {
  test('links to web addresses only, whatever a factor file holds', () => {
    const { container } = render(() => <SourceList sources={sources} />)
    expect([...container.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
      'https://example.org/p',
    ])
    expect(container.textContent).toContain('2024, licence CC BY 4.0')
  })
})
