/** Tells a write that takes long from one that never ends: lmdb has no time limit of its own. */
export interface HangWatch {
  isHanging(): boolean
  /** Gives what the write gives; calls `tell` when that takes longer than the limit. */
  watch<T>(write: Promise<T>, tell: () => void): Promise<T>
  /** True when the work ended, false as soon as a write hangs. */
  settledBeforeHanging(work: Promise<void> | null): Promise<boolean>
}

export function createHangWatch(limitMs: number): HangWatch {
  let hanging = false
  const onHang = new Set<() => void>()
  return {
    isHanging: () => hanging,
    watch: async <T>(write: Promise<T>, tell: () => void): Promise<T> => {
      const timer = setTimeout(() => {
        hanging = true
        tell()
        for (const listener of onHang) listener()
      }, limitMs)
      try {
        return await write
      } finally {
        clearTimeout(timer)
        hanging = false
      }
    },
    settledBeforeHanging: async (work: Promise<void> | null): Promise<boolean> => {
      if (work === null) return true
      if (hanging) return false
      const hung = new Promise<boolean>((resolve) => onHang.add(() => resolve(false)))
      return Promise.race([work.then(() => true), hung])
    },
  }
}
