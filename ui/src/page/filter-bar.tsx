/** Period, zone, unit, comparison and the filters in force: everything that decides which numbers are shown. */
import { For, Show } from 'solid-js'
import { METRIC_TEXT, METRICS } from '../numbers/quantity.ts'
import { browserZone } from '../time/zone.ts'
import { GROUP_TEXT, valueText } from '../view/group-fields.ts'
import { encodeFilter, type Filter, removeFilter } from '../view/url-state.ts'
import { CrossIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { PeriodPicker } from './period-picker.tsx'
import { Segmented } from './segmented.tsx'

function ZoneSelect() {
  const { view, zone, today } = usePage()
  const zones = () => [...new Set([zone(), today.data?.tz ?? zone(), browserZone(), 'UTC'])]
  const text = (name: string) => (name === browserZone() && name !== 'UTC' ? `${name} (this device)` : name)
  return (
    <label class="flex min-w-0 items-center gap-2 text-sm">
      <span class="text-muted">Zone</span>
      <select
        class="field max-w-52 truncate"
        value={zone()}
        onChange={(event) => view.choose({ zone: event.currentTarget.value })}
      >
        <For each={zones()}>
          {(name) => (
            <option value={name} selected={name === zone()}>
              {text(name)}
            </option>
          )}
        </For>
      </select>
    </label>
  )
}

function filterText(filter: Filter): string {
  return `${GROUP_TEXT[filter.field]} ${filter.exclude ? 'is not' : 'is'} ${valueText(filter.value)}`
}

function FilterChips() {
  const { view } = usePage()
  const filters = () => view.chosen().filters
  return (
    <Show when={filters().length > 0}>
      <ul class="flex min-w-0 flex-wrap gap-2" aria-label="Filters in force">
        <For each={filters()}>
          {(filter) => (
            <li class="min-w-0">
              <button
                type="button"
                class="chip"
                data-filter={encodeFilter(filter)}
                title={`Remove the filter: ${filterText(filter)}`}
                onClick={() => view.choose({ filters: removeFilter(filters(), filter) })}
              >
                <span class="sr-only">Remove the filter: </span>
                <span class="text-muted">
                  {GROUP_TEXT[filter.field]} {filter.exclude ? 'is not' : 'is'}
                </span>
                <span class="min-w-0 truncate">{valueText(filter.value)}</span>
                <CrossIcon class="size-3.5 shrink-0" />
              </button>
            </li>
          )}
        </For>
        <li>
          <button type="button" class="quiet-button" onClick={() => view.choose({ filters: [] })}>
            Clear all <kbd>Esc</kbd>
          </button>
        </li>
      </ul>
    </Show>
  )
}

export function FilterBar() {
  const { view } = usePage()
  return (
    <section aria-labelledby="filter-heading" class="flex flex-col gap-3 py-4">
      <h2 id="filter-heading" class="sr-only">
        Period, unit and filters
      </h2>
      <div class="flex flex-wrap items-center gap-x-4 gap-y-3">
        <PeriodPicker />
        <ZoneSelect />
        <label class="toggle">
          <input
            type="checkbox"
            checked={view.compare()}
            onChange={(event) => view.choose({ compare: event.currentTarget.checked })}
          />
          Compare with previous
        </label>
        <div class="lg:ml-auto">
          <Segmented
            legend="Unit"
            choices={METRICS.map((value) => ({ value, label: METRIC_TEXT[value].base }))}
            value={view.metric()}
            onChoose={(metric) => view.choose({ metric })}
          />
        </div>
      </div>
      <FilterChips />
    </section>
  )
}
