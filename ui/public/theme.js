// Runs before the first paint, so that a chosen theme never flashes. A file of its own because inline scripts are forbidden.
;(() => {
  try {
    const theme = localStorage.getItem('ecomind.theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch {
    // Storage may be blocked; the system's theme applies.
  }
})()
