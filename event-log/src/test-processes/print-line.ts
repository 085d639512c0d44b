import { stdout } from 'node:process'

/**
 * Prints a line and resolves when the pipe has it: what the parent reads happened before a kill. Waits while the pipe is
 * full, because the parent is busy: `writeSync` would throw EAGAIN, as the pipe does not block.
 */
export function printLine(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()))
  })
}
