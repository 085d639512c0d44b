/** A state that no repetition cures and that must not be passed over: the partition stops and its health says what to do. */
export class LoaderFaultError extends Error {
  override readonly name = 'LoaderFaultError'
}
