/**
 * Loaded before everything else in a process (node --import): at SIGUSR2 its event loop stands still for BLOCK_LOOP_MS,
 * as behind one long piece of work. Its other threads go on, unlike with SIGSTOP.
 */
const cell = new Int32Array(new SharedArrayBuffer(4))
process.on('SIGUSR2', () => {
  Atomics.wait(cell, 0, 0, Number(process.env.BLOCK_LOOP_MS))
})
