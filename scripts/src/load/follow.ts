/** Reads memory and lag of a running product from its metrics, every few seconds, until it is told to stop. */
import type { Sample } from './course.ts'

const EVERY_MS = 5_000
const ANSWER_MS = 4_000

/** Returns a function that ends it and gives what was read. A look that fails is left out: the load itself shows outages. */
export function followMetrics(edgeUrl: string, apiUrl: string): () => readonly Sample[] {
  const startedMs = performance.now()
  const samples: Sample[] = []
  const look = async (): Promise<void> => {
    const [edge, core] = await Promise.all([read(edgeUrl), read(apiUrl)])
    samples.push({
      atMs: Math.round(performance.now() - startedMs),
      edgeBytes: most(edge, 'ecomind_edge_anonymous_memory_bytes'),
      coreBytes: most(core, 'ecomind_core_anonymous_memory_bytes'),
      oldestUnreadSeconds: most(core, 'ecomind_loader_oldest_unread_seconds') ?? 0,
    })
  }
  const timer = setInterval(() => void look().catch(() => undefined), EVERY_MS)
  return () => {
    clearInterval(timer)
    return samples
  }
}

async function read(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) })
  if (!answer.ok) throw new Error(`read metrics: ${answer.status}`)
  return await answer.text()
}

/** The largest over all labels; null where there is no such metric. */
export function most(text: string, name: string): number | null {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map((m) => Number(m[1]))
  return values.length === 0 ? null : Math.max(...values)
}
