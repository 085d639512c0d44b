/** Sends events to an edge in batches; a batch that was refused for load is sent again with the same ids, so it counts once. */
import type { IngestAnswer, UsageEventInput } from '@ecomind/schemas'

const TRIES = 20

export interface SendResult {
  readonly accepted: number
  readonly rejected: IngestAnswer['rejected']
}

/** @throws Error when the edge can't be reached or answers what it must not */
export async function sendBatch(edgeUrl: string, events: readonly UsageEventInput[]): Promise<SendResult> {
  for (let attempt = 1; ; attempt++) {
    const answer = await post(edgeUrl, events)
    if (answer.status === 202 || answer.status === 400) {
      const body = (await answer.json()) as IngestAnswer
      return { accepted: body.accepted, rejected: body.rejected }
    }
    const text = await answer.text()
    if ((answer.status !== 503 && answer.status !== 429) || attempt === TRIES) {
      throw new Error(`send events: the edge answered ${answer.status}: ${text.slice(0, 300)}`)
    }
    const pauseSeconds = Number(answer.headers.get('retry-after') ?? 1)
    await new Promise((resolve) => setTimeout(resolve, pauseSeconds * 1000))
  }
}

async function post(edgeUrl: string, events: readonly UsageEventInput[]): Promise<Response> {
  try {
    return await fetch(`${edgeUrl}/v1/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
    })
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message
    throw new Error(
      `send events: no edge answers at ${edgeUrl} (${cause}); start the product with "npm start" or set EDGE_PORT`,
    )
  }
}
