/** The view as a signal bound to the address bar: every change is a history entry, back and forward restore it. */
import { type Accessor, createMemo, createSignal, onCleanup } from 'solid-js'
import type { Metric } from '../numbers/quantity.ts'
import type { Period } from '../time/period.ts'
import { type Breakdown, decodeView, encodeView, type ViewState } from './url-state.ts'

/** The product's defaults, used where nothing was chosen. */
const DEFAULT_PERIOD: Period = { kind: 'preset', preset: 'today' }
export const LOCAL_ORG_ID = 'org_demo'

export interface View {
  readonly chosen: Accessor<ViewState>
  readonly orgId: Accessor<string>
  readonly period: Accessor<Period>
  readonly metric: Accessor<Metric>
  readonly breakdown: Accessor<Breakdown>
  readonly compare: Accessor<boolean>
  readonly table: Accessor<boolean>
  /** Writes choices into the URL. An unchanged view makes no history entry. */
  readonly choose: (patch: Partial<ViewState>) => void
}

/** `defaultOrgId` applies where the URL names no organisation. */
export function createView(defaultOrgId: Accessor<string>): View {
  const [chosen, setChosen] = createSignal(decodeView(location.search))
  const restore = () => setChosen(decodeView(location.search))
  addEventListener('popstate', restore)
  onCleanup(() => removeEventListener('popstate', restore))

  const choose = (patch: Partial<ViewState>) => {
    const before = encodeView(chosen())
    const next = { ...chosen(), ...patch }
    const query = encodeView(next)
    if (query === before) return
    setChosen(next)
    history.pushState(null, '', query === '' ? location.pathname : `?${query}`)
  }

  return {
    chosen,
    orgId: createMemo(() => chosen().orgId ?? defaultOrgId()),
    period: createMemo(() => chosen().period ?? DEFAULT_PERIOD),
    metric: createMemo(() => chosen().metric ?? 'kwh'),
    breakdown: createMemo(() => chosen().breakdown ?? 'model'),
    compare: createMemo(() => chosen().compare ?? false),
    table: createMemo(() => chosen().table ?? false),
    choose,
  }
}
