/** The three numbers, each with its range, its state and its grade of evidence. One question answers all three and the chart. */
import type { UsageAnswer } from '@ecomind/schemas'
import { useQuery } from '@tanstack/solid-query'
import { For, type JSX, Show } from 'solid-js'
import { trendQuestion } from '../api/questions.ts'
import { changeOf, changeSentence, changeShort } from '../numbers/change.ts'
import { partsText } from '../numbers/parts-text.ts'
import { METRIC_TEXT, METRICS, type Metric, quantity, rangeOf, rangeText } from '../numbers/quantity.ts'
import { periodStatus } from '../numbers/trend.ts'
import { periodText, previousText, spanText } from '../time/time-text.ts'
import { BoltIcon, CloudIcon, DropIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { Answered, Skeleton } from './panel.tsx'
import { QualityStrip } from './quality-strip.tsx'
import { RangeBar } from './range-bar.tsx'
import { GradeBadge, StatusBadge } from './status-badge.tsx'

function metricIcon(metric: Metric): JSX.Element {
  if (metric === 'kwh') return <BoltIcon />
  return metric === 'water_l' ? <DropIcon /> : <CloudIcon />
}

function Delta(props: { metric: Metric; answer: UsageAnswer }) {
  const { view } = usePage()
  return (
    <Show when={props.answer.compare}>
      {(compare) => {
        const change = () => changeOf(props.answer.totals[props.metric], compare().totals[props.metric])
        return (
          <p class="text-sm" data-change={change().kind}>
            <span class="change">{changeShort(change())}</span>{' '}
            <span class="text-muted">{changeSentence(change(), props.metric, previousText(view.period()))}</span>
          </p>
        )
      }}
    </Show>
  )
}

function Card(props: { metric: Metric; answer: UsageAnswer }) {
  const { view } = usePage()
  const range = () => rangeOf(props.answer.totals, props.metric)
  const number = () => quantity(props.metric, range().central)
  return (
    <li class="card" data-metric={props.metric}>
      <div class="flex items-center justify-between gap-2">
        <h3 class="flex items-center gap-2 text-sm font-medium">
          <span class="metric-icon">{metricIcon(props.metric)}</span>
          {METRIC_TEXT[props.metric].name}
        </h3>
        <span class="ml-auto">
          <GradeBadge grade={props.answer.totals.quality.grade} />
        </span>
        <StatusBadge status={periodStatus(props.answer.items.map((item) => item.status))} />
      </div>
      <p class="mt-2 flex flex-wrap items-baseline gap-x-2" data-testid={`total-${props.metric}`}>
        <span class="text-4xl font-semibold tracking-tight tabular-nums">{number().value}</span>
        <span class="text-lg text-muted">{number().unit}</span>
      </p>
      <RangeBar range={range()} />
      <p class="text-sm tabular-nums" data-testid={`range-${props.metric}`}>
        <span class="text-muted">likely between</span> {rangeText(props.metric, range())}
      </p>
      <Delta metric={props.metric} answer={props.answer} />
      <p class="text-sm text-muted">{partsText(props.metric, props.answer.totals)}</p>
      <button
        type="button"
        class="quiet-button mt-2 -ml-2 self-start"
        onClick={() => view.choose({ explained: { kind: 'total' }, metric: props.metric })}
      >
        How is this computed?<span class="sr-only"> {METRIC_TEXT[props.metric].name}</span>
      </button>
    </li>
  )
}

export function Cards() {
  const { view, zone, zoneKnown, scope, resolved } = usePage()
  const trend = useQuery(() => ({ ...trendQuestion(scope(), resolved().window), enabled: zoneKnown() }))
  const heading = () => {
    const count = view.chosen().filters.length
    const filtered = count === 0 ? '' : `, ${count} ${count === 1 ? 'filter' : 'filters'} on`
    return `${periodText(view.period(), zone())}${filtered}`
  }
  const skeleton = (
    <div class="grid grid-cols-1 gap-4 md:grid-cols-3">
      <For each={METRICS}>{(metric) => <Skeleton class="h-57" label={METRIC_TEXT[metric].name} />}</For>
    </div>
  )
  return (
    <section aria-labelledby="cards-heading">
      <div class="mb-2 flex flex-wrap items-baseline gap-x-3">
        <h2 id="cards-heading" class="font-semibold">
          {heading()}
        </h2>
        <p class="text-sm text-muted">
          <Show when={view.period().kind === 'preset'}>{spanText(resolved(), zone())}, </Show>
          {zone()}
        </p>
      </div>
      <Answered query={trend} what="The totals" skeleton={skeleton}>
        {(answer) => (
          <>
            <ul class="grid grid-cols-1 gap-4 md:grid-cols-3">
              <For each={METRICS}>{(metric) => <Card metric={metric} answer={answer()} />}</For>
            </ul>
            <QualityStrip totals={answer().totals} />
          </>
        )}
      </Answered>
    </section>
  )
}
