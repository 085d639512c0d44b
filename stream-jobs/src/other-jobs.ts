/** Jobs of other processes that load into the same tables. Work on the rollups must wait for their open batches too. */
export interface OtherJobs {
  /**
   * Runs `work` while no other job has a batch open. This one is paused already.
   * @throws Error when the others can't be asked now; nothing was run then
   */
  whilePaused<T>(work: () => Promise<T>): Promise<T>
  /**
   * Stays the same for as long as others work on the rollups in our pauses only. Null: that can't be told now. A batch that
   * sees it change is doubted: somebody may have rebuilt its rollups while it went in.
   */
  epoch(): number | null
  /** Called once: from now on `pause` is called with what waits for the others, and it runs between batches of this job. */
  follow(pause: <T>(work: () => Promise<T>) => Promise<T>): void
}

/** For a job that nothing connects with others: it works on rollups only while all partitions are its own. */
export function unconnectedJobs(ownsAll: () => boolean): OtherJobs {
  return {
    async whilePaused(work) {
      if (!ownsAll()) {
        throw new Error(
          'work on rollups: other jobs load as well and can not be asked to pause; several jobs need one DATABASE_URL',
        )
      }
      return await work()
    },
    epoch: () => 0,
    follow: () => undefined,
  }
}
