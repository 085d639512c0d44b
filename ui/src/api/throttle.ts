/** Runs at once, then at most once per `everyMs`; a call in between is made up for at the end of the pause. */
export function throttle(act: () => void, everyMs: number): { run: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  const rest = () => {
    timer = undefined
    if (!wanted) return
    wanted = false
    run()
  }
  const run = () => {
    if (timer !== undefined) {
      wanted = true
      return
    }
    act()
    timer = setTimeout(rest, everyMs)
  }
  const cancel = () => {
    clearTimeout(timer)
    timer = undefined
    wanted = false
  }
  return { run, cancel }
}
