/** Light, dark or the system's: kept in local storage, not in the URL (a shared link should not change the reader's theme). */
import { createSignal } from 'solid-js'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** public/theme.js reads the same key before the first paint. */
const STORAGE_KEY = 'ecomind.theme'

function stored(): Theme {
  try {
    const value = localStorage.getItem(STORAGE_KEY)
    return THEMES.find((theme) => theme === value) ?? 'system'
  } catch {
    return 'system'
  }
}

const systemDark = matchMedia('(prefers-color-scheme: dark)')
const [theme, setThemeSignal] = createSignal<Theme>(stored())
const [systemIsDark, setSystemIsDark] = createSignal(systemDark.matches)
systemDark.addEventListener('change', (event) => setSystemIsDark(event.matches))

export { theme }

export function setTheme(next: Theme): void {
  setThemeSignal(next)
  if (next === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = next
  try {
    localStorage.setItem(STORAGE_KEY, next)
  } catch {
    // Storage may be blocked: the choice then lasts until the page is left.
  }
}

/** What is shown now; canvases redraw when it changes. */
export function isDark(): boolean {
  return theme() === 'system' ? systemIsDark() : theme() === 'dark'
}
