/** Presets, and two time inputs for everything else: the way to zoom that needs no dragging. */
import { createEffect, createSignal, on, Show } from 'solid-js'
import { PRESETS, type Preset } from '../time/period.ts'
import { fromLocalInput, toLocalInput } from '../time/zone.ts'
import { isValidSpan } from '../view/url-state.ts'
import { usePage } from './page-context.ts'
import { Segmented } from './segmented.tsx'

const PRESET_LABEL: Readonly<Record<Preset, string>> = {
  today: 'Today',
  '24h': '24 h',
  '7d': '7 days',
  '30d': '30 days',
}

type PickerChoice = Preset | 'custom'

function CustomForm(props: { onDone: () => void }) {
  const { view, zone, resolved } = usePage()
  const [from, setFrom] = createSignal('')
  const [to, setTo] = createSignal('')
  const [fault, setFault] = createSignal('')
  createEffect(
    on([() => resolved().fromMs, () => resolved().toMs, zone], ([fromMs, toMs, zoneNow]) => {
      setFrom(toLocalInput(fromMs, zoneNow))
      setTo(toLocalInput(toMs, zoneNow))
      setFault('')
    }),
  )

  const apply = (event: SubmitEvent) => {
    event.preventDefault()
    const fromMs = fromLocalInput(from(), zone())
    const toMs = fromLocalInput(to(), zone())
    if (fromMs === null || toMs === null) return setFault('Give both ends of the period')
    if (!isValidSpan(fromMs, toMs)) return setFault('“To” must be at least 5 minutes and at most 3 years after “From”')
    view.choose({ period: { kind: 'custom', fromMs, toMs } })
    props.onDone()
  }

  return (
    <form class="flex flex-wrap items-end gap-3" onSubmit={apply} novalidate>
      <label class="field-label">
        From
        <input
          class="field"
          type="datetime-local"
          value={from()}
          onInput={(event) => setFrom(event.currentTarget.value)}
          aria-describedby={fault() === '' ? undefined : 'period-fault'}
          aria-invalid={fault() !== ''}
        />
      </label>
      <label class="field-label">
        To
        <input
          class="field"
          type="datetime-local"
          value={to()}
          onInput={(event) => setTo(event.currentTarget.value)}
          aria-describedby={fault() === '' ? undefined : 'period-fault'}
          aria-invalid={fault() !== ''}
        />
      </label>
      <button type="submit" class="button">
        Apply
      </button>
      <p id="period-fault" role="alert" class="basis-full text-sm font-medium text-danger empty:hidden">
        {fault()}
      </p>
    </form>
  )
}

export function PeriodPicker() {
  const { view } = usePage()
  const [open, setOpen] = createSignal(false)
  const isCustom = () => view.period().kind === 'custom'
  const current = (): PickerChoice => {
    const period = view.period()
    return open() || period.kind === 'custom' ? 'custom' : period.preset
  }
  const choose = (choice: PickerChoice) => {
    setOpen(choice === 'custom')
    if (choice !== 'custom') view.choose({ period: { kind: 'preset', preset: choice } })
  }
  return (
    <>
      <Segmented
        legend="Period"
        choices={[
          ...PRESETS.map((value) => ({ value, label: PRESET_LABEL[value] })),
          { value: 'custom' as const, label: 'Custom' },
        ]}
        value={current()}
        onChoose={choose}
      />
      <Show when={open() || isCustom()}>
        <div class="order-last basis-full">
          <CustomForm onDone={() => setOpen(false)} />
        </div>
      </Show>
    </>
  )
}
