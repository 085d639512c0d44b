import { lazy, Show, Suspense } from 'solid-js'
import type { LiveState } from '../api/live.ts'
import { organisationName } from '../sign-in/access.ts'
import { useSession } from '../sign-in/session.ts'
import { setTheme, THEMES, type Theme, theme } from '../view/theme.ts'
import { MoonIcon, PauseIcon, PlayIcon, ScreenIcon, SunIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { Segmented } from './segmented.tsx'

const AccountMenu = lazy(async () => ({ default: (await import('./account-menu.tsx')).AccountMenu }))

const LIVE_TEXT: Readonly<Record<LiveState, { label: string; hint: string }>> = {
  live: { label: 'Live', hint: 'New calls appear within seconds' },
  connecting: { label: 'Connecting…', hint: 'Waiting for the live connection' },
  polling: { label: 'Every 10 s', hint: 'The live connection is down; the page asks every 10 seconds instead' },
  paused: { label: 'Paused', hint: 'Numbers stand still until you resume' },
}

const THEME_TEXT: Readonly<Record<Theme, string>> = { system: 'System theme', light: 'Light theme', dark: 'Dark theme' }

function themeIcon(name: Theme) {
  if (name === 'light') return <SunIcon />
  return name === 'dark' ? <MoonIcon /> : <ScreenIcon />
}

function LiveIndicator() {
  const { live } = usePage()
  return (
    <div class="flex items-center gap-1">
      <span class="live-mark" data-state={live.state()} role="status" title={LIVE_TEXT[live.state()].hint}>
        <span class="live-dot" aria-hidden="true" />
        <span>{LIVE_TEXT[live.state()].label}</span>
      </span>
      <button
        type="button"
        class="icon-button"
        aria-pressed={live.paused()}
        aria-label="Pause live updates"
        title={live.paused() ? 'Resume live updates' : 'Pause live updates'}
        onClick={() => live.setPaused(!live.paused())}
      >
        <Show when={live.paused()} fallback={<PauseIcon />}>
          <PlayIcon />
        </Show>
      </button>
    </div>
  )
}

export function Header() {
  const { view } = usePage()
  const session = useSession()
  const name = () => (session === undefined ? view.orgId() : organisationName(session.membership()))
  return (
    <header class="border-b border-line bg-surface">
      <div class="mx-auto flex w-full max-w-7xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 sm:px-6">
        <div class="flex min-w-0 items-center gap-3">
          <img src="/favicon.svg" alt="" width="28" height="28" />
          <h1 class="text-lg font-semibold tracking-tight">Ecomind</h1>
          <span class="org-name" title={`Organisation ${view.orgId()}`}>
            <span class="sr-only">Organisation </span>
            {name()}
          </span>
        </div>
        <div class="ml-auto flex items-center gap-3">
          <LiveIndicator />
          <Segmented
            legend="Theme"
            choices={THEMES.map((value) => ({ value, label: THEME_TEXT[value], icon: themeIcon(value) }))}
            value={theme()}
            onChoose={setTheme}
          />
          <Show when={session}>
            {(present) => (
              <Suspense>
                <AccountMenu session={present()} />
              </Suspense>
            )}
          </Show>
        </div>
      </div>
    </header>
  )
}
