/** Names that the edge, the log and the jobs must agree on. */

/** The topic that carries usage batches (Avro, schema family `usage-batch`). */
export const USAGE_TOPIC = 'ecomind.usage-events.v1'

/** The consumer group of the loader. */
export const LOADER_GROUP = 'ecomind.loader'

/** The only organisation of local mode. */
export const LOCAL_ORG_ID = 'org_demo'
