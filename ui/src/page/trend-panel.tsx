/** The trend: a chart, one sentence that says what it shows, and the same numbers as a table. */
import { useQuery } from '@tanstack/solid-query'
import { createMemo, createUniqueId, Show } from 'solid-js'
import { trendQuestion } from '../api/questions.ts'
import { TrendChart } from '../chart/trend-chart.tsx'
import { METRIC_TEXT } from '../numbers/quantity.ts'
import { trendPoints, trendSummary } from '../numbers/trend.ts'
import type { Span } from '../time/period.ts'
import { periodText, previousText, WINDOW_TEXT } from '../time/time-text.ts'
import { isValidSpan } from '../view/url-state.ts'
import { NoCallsHint } from './no-calls-hint.tsx'
import { usePage } from './page-context.ts'
import { Answered, Panel, Skeleton } from './panel.tsx'
import { TrendTable } from './trend-table.tsx'

export function TrendPanel() {
  const { view, zone, zoneKnown, scope, resolved } = usePage()
  const descriptionId = createUniqueId()
  const trend = useQuery(() => ({ ...trendQuestion(scope(), resolved().window), enabled: zoneKnown() }))
  const points = createMemo(() =>
    trend.data === undefined ? [] : trendPoints(trend.data, view.metric(), resolved(), zone()),
  )
  const heading = () => `${METRIC_TEXT[view.metric()].name} per ${WINDOW_TEXT[resolved().window]}`
  const zoom = (span: Span) => {
    if (isValidSpan(span.fromMs, span.toMs)) view.choose({ period: { kind: 'custom', ...span } })
  }
  const actions = (
    <div class="flex flex-wrap items-center gap-1">
      <Show when={view.period().kind === 'custom'}>
        <button type="button" class="quiet-button" onClick={() => view.choose({ period: undefined })}>
          Back to today
        </button>
      </Show>
      <button
        type="button"
        class="quiet-button"
        aria-pressed={view.table()}
        onClick={() => view.choose({ table: !view.table() })}
      >
        {view.table() ? 'View as chart' : 'View as table'}
      </button>
    </div>
  )
  return (
    <Panel heading={heading()} note={periodText(view.period(), zone())} actions={actions}>
      <Answered
        query={trend}
        what="The trend"
        skeleton={<Skeleton class="chart-height mt-14 mb-10" label="the trend" />}
      >
        {(answer) => (
          <figure class="mt-3">
            <Show
              when={view.table()}
              fallback={
                <TrendChart
                  points={points()}
                  metric={view.metric()}
                  window={resolved().window}
                  zone={zone()}
                  compare={answer().compare !== undefined}
                  describedBy={descriptionId}
                  onZoom={zoom}
                />
              }
            >
              <TrendTable
                points={points()}
                metric={view.metric()}
                window={resolved().window}
                zone={zone()}
                caption={heading()}
              />
            </Show>
            <figcaption id={descriptionId} class="mt-2 text-sm text-muted">
              {trendSummary(points(), view.metric(), resolved().window, zone())}
              <Show when={answer().compare !== undefined && !view.table()}>
                {' '}
                The dashed line is {previousText(view.period())}.
              </Show>
            </figcaption>
            <Show when={answer().totals.calls === 0}>
              <NoCallsHint />
            </Show>
          </figure>
        )}
      </Answered>
    </Panel>
  )
}
