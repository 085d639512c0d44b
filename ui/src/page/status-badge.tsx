import type { Quality, WindowStatus } from '@ecomind/schemas'

const STATUS_TEXT: Readonly<Record<WindowStatus, { mark: string; label: string; hint: string }>> = {
  provisional: { mark: '◔', label: 'provisional', hint: 'Calls of this period may still arrive' },
  final: { mark: '●', label: 'final', hint: 'The period is closed: its calls have arrived' },
  revised: { mark: '◐', label: 'revised', hint: 'A call arrived after the period had closed, and was counted' },
}

export function StatusBadge(props: { status: WindowStatus }) {
  return (
    <span class="badge" title={STATUS_TEXT[props.status].hint}>
      <span aria-hidden="true">{STATUS_TEXT[props.status].mark}</span> {STATUS_TEXT[props.status].label}
    </span>
  )
}

export const GRADE_HINT =
  'How well tokens, model and region of the calls are known: A nearly all counted by the provider, E most unknown. How well the energy of a model is known is in the explanation'

export function GradeBadge(props: { grade: Quality['grade'] }) {
  return (
    <span class="badge" title={GRADE_HINT}>
      {props.grade === 'none' ? 'no data' : `input ${props.grade}`}
    </span>
  )
}
