/** The partitions that a member owns, and what its listener has been told of them. */
export class KafkaShare {
  readonly #owned = new Set<number>()
  /** Null when a partition has gone since: the same share again is news then. */
  #told: string | null = null

  has(partition: number): boolean {
    return this.#owned.has(partition)
  }

  get all(): readonly number[] {
    return [...this.#owned].sort((a, b) => a - b)
  }

  /** The whole share when the listener has to hear of it, else null: rebalances that move nothing here are no news. */
  add(partitions: readonly number[]): readonly number[] | null {
    for (const partition of partitions) this.#owned.add(partition)
    const share = this.all
    if (this.#told === share.join()) return null
    this.#told = share.join()
    return share
  }

  /** Those that were owned. */
  remove(partitions: readonly number[]): readonly number[] {
    const gone = partitions.filter((partition) => this.#owned.delete(partition))
    if (gone.length > 0) this.#told = null
    return gone
  }
}
