/** The few icons of the page, drawn in one line weight. All are decoration: the text beside them says what they mean. */
import type { JSX } from 'solid-js'

function Icon(props: { children: JSX.Element; class?: string | undefined }) {
  return (
    <svg
      class={props.class ?? 'size-4'}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {props.children}
    </svg>
  )
}

export interface IconProps {
  readonly class?: string
}

export function BoltIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M13 2 4 14h7l-1 8 9-12h-7z" />
    </Icon>
  )
}

export function DropIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M12 3s6.500 6.600 6.500 11.200a6.500 6.500 0 0 1-13 0C5.500 9.600 12 3 12 3z" />
    </Icon>
  )
}

export function CloudIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M7 19a4.500 4.500 0 0 1-.6-8.960 6 6 0 0 1 11.500 1.500A3.800 3.800 0 0 1 17.500 19z" />
    </Icon>
  )
}

export function SunIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400" />
    </Icon>
  )
}

export function MoonIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z" />
    </Icon>
  )
}

export function ScreenIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <rect x="3" y="4" width="18" height="12" rx="2" />
      <path d="M8 20h8M12 16v4" />
    </Icon>
  )
}

export function CrossIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M6 6l12 12M18 6 6 18" />
    </Icon>
  )
}

export function PauseIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M9 5v14M15 5v14" />
    </Icon>
  )
}

export function PlayIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M7 5l12 7-12 7z" />
    </Icon>
  )
}

export function CheckIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M5 12.500l4.500 4.500L19 7.500" />
    </Icon>
  )
}

export function ArrowLeftIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M19 12H5M11 6l-6 6 6 6" />
    </Icon>
  )
}

export function ChevronIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <path d="M6 9l6 6 6-6" />
    </Icon>
  )
}

export function PersonIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <circle cx="12" cy="8" r="4" />
      <path d="M4 21a8 8 0 0 1 16 0" />
    </Icon>
  )
}

export function KeyIcon(props: IconProps) {
  return (
    <Icon class={props.class}>
      <circle cx="8" cy="15" r="4" />
      <path d="M11 12l9-9M16 7l3 3" />
    </Icon>
  )
}
