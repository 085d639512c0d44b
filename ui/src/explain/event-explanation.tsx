/** One call: what was reported, which factor and grid were used, every step of the computation, and the sources. */
import type { ExplainAnswer } from '@ecomind/schemas'
import { useQuery } from '@tanstack/solid-query'
import { For, Show } from 'solid-js'
import { explainQuestion } from '../api/questions.ts'
import { count, METRIC_TEXT, METRICS, quantityText, rangeOf, rangeText } from '../numbers/quantity.ts'
import { CheckIcon } from '../page/icons.tsx'
import { usePage } from '../page/page-context.ts'
import { Answered, Skeleton } from '../page/panel.tsx'
import { clockSeconds, dayAndYear } from '../time/time-text.ts'
import { type Fact, Facts } from './facts.tsx'
import { SourceList } from './source-list.tsx'
import { StepCard } from './step-card.tsx'

function callFacts(answer: ExplainAnswer, zone: string): Fact[] {
  const { event } = answer
  const atMs = Date.parse(event.ts)
  const optional: [string, string | null][] = [
    ['Team', event.team_id],
    ['Project', event.project_id],
    ['Source', event.source],
    ['Tokens counted by', event.tokens_source],
    ['Service tier', event.service_tier],
  ]
  return [
    { name: 'Time', value: `${dayAndYear(atMs, zone)}, ${clockSeconds(atMs, zone)} (${zone})` },
    { name: 'Model', value: `${event.provider} / ${event.model}` },
    { name: 'User', value: event.user_id },
    { name: 'Tokens in', value: tokensInText(answer) },
    { name: 'Tokens out', value: tokensOutText(answer) },
    { name: 'Region', value: `${event.region}${event.region_inferred ? ' (inferred from the provider)' : ''}` },
    ...optional.flatMap(([name, value]) => (value === null ? [] : [{ name, value }])),
    { name: 'Event id', value: event.event_id },
  ]
}

function tokensInText({ event }: ExplainAnswer): string {
  const cached = event.tokens_cache_read > 0 ? `, ${count(event.tokens_cache_read)} of them read from cache` : ''
  return `${count(event.tokens_in)}${cached}`
}

function tokensOutText({ event }: ExplainAnswer): string {
  if (event.tokens_reasoning === 0) return count(event.tokens_out)
  const relation = event.reasoning_separate ? 'and' : 'with'
  return `${count(event.tokens_out)}, ${relation} ${count(event.tokens_reasoning)} of reasoning`
}

function basisFacts(answer: ExplainAnswer): Fact[] {
  const { factor, grid } = answer
  const note = factor.note === undefined ? [] : [{ name: 'Note', value: factor.note }]
  return [
    { name: 'Factor', value: `${factor.id} (${factor.match} match, tier ${factor.tier}, class ${factor.class})` },
    ...note,
    { name: 'Grid', value: `${grid.name}, ${grid.id} (${grid.match} match, ${grid.year}, ${grid.basis})` },
    { name: 'Factor set', value: answer.factor_set },
    { name: 'Method', value: answer.method_version },
  ]
}

function Reproduced(props: { reproduced: boolean }) {
  return (
    <Show
      when={props.reproduced}
      fallback={
        <p class="note" data-tone="warning">
          Not reproduced: the steps below, computed again, differ from the stored numbers.
        </p>
      }
    >
      <p class="note" data-tone="good">
        <CheckIcon class="size-4 shrink-0" />
        <span>Reproduced exactly: the steps below, computed again, give the stored numbers.</span>
      </p>
    </Show>
  )
}

function Results(props: { answer: ExplainAnswer }) {
  return (
    <ul class="mt-3 grid grid-cols-1 gap-2 sm:grid-cols-3">
      <For each={METRICS}>
        {(metric) => (
          <li class="result" data-metric={metric}>
            <span class="text-sm text-muted">{METRIC_TEXT[metric].name}</span>
            <span class="text-xl font-semibold">{quantityText(metric, props.answer.event[metric])}</span>
            <span class="text-sm">{rangeText(metric, rangeOf(props.answer.event, metric))}</span>
          </li>
        )}
      </For>
    </ul>
  )
}

function Explanation(props: { answer: ExplainAnswer }) {
  const { zone } = usePage()
  return (
    <>
      <Results answer={props.answer} />
      <Reproduced reproduced={props.answer.reproduced} />
      <Show when={props.answer.flags.length > 0}>
        <ul class="mt-2 flex flex-col gap-2" aria-label="Remarks">
          <For each={props.answer.flags}>
            {(flag) => (
              <li class="note" data-tone="warning">
                <span>
                  <span class="sr-only">Remark: </span>
                  {flag.message} <code class="text-muted">{flag.code}</code>
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <h3 class="drawer-heading">The call</h3>
      <Facts facts={callFacts(props.answer, zone())} />
      <h3 class="drawer-heading">What it was computed with</h3>
      <Facts facts={basisFacts(props.answer)} />
      <h3 class="drawer-heading">Step by step</h3>
      <Show when={props.answer.steps.some((step) => step.formula.includes('spread('))}>
        <p class="mb-2 text-sm text-muted">
          <code>spread(…)</code> computes its central value as written; low and high combine the errors of the inputs
          inside it as independent of each other.
        </p>
      </Show>
      <ol class="flex flex-col gap-3">
        <For each={props.answer.steps}>
          {(step, index) => <StepCard step={step} number={index() + 1} sources={props.answer.sources} />}
        </For>
      </ol>
      <h3 class="drawer-heading">Sources</h3>
      <SourceList sources={props.answer.sources} />
    </>
  )
}

export function EventExplanation(props: { eventId: string }) {
  const { view } = usePage()
  const explain = useQuery(() => explainQuestion(view.orgId(), props.eventId))
  return (
    <Answered query={explain} what="The explanation" skeleton={<Skeleton class="h-140" label="the explanation" />}>
      {(answer) => <Explanation answer={answer()} />}
    </Answered>
  )
}
