export {
  type Assignment,
  type CommittedOffset,
  type EventLog,
  FencedError,
  GroupTakenError,
  LogFullError,
  type LogRecord,
  LogUnavailableError,
  type Membership,
  type MembershipListener,
  OffsetOutOfRangeError,
  type PartitionStats,
  type ReadOptions,
  type StoredRecord,
} from './event-log.ts'
export { type OwnAdmin, openAdmin } from './kafka-admin.ts'
export { type KafkaTarget, kafkaSettings, kafkaTarget } from './kafka-settings.ts'
export { describeTopic, ensureTopic, type TopicSettings, type TopicState } from './kafka-topic.ts'
export { DEFAULT_MAX_BYTES, DEFAULT_RETENTION_MS, type LmdbLogOptions } from './lmdb-log.ts'
export { type LogSettings, openLog } from './open-log.ts'
export { pidExists } from './process-identity.ts'
export { acquireProcessLock, type ProcessLock, ProcessLockHeldError, type ProcessLockOptions } from './process-lock.ts'
export { anonymousMemoryBytes } from './process-memory.ts'
export { type GivenSchemaId, stampSchemaId } from './stamp-schema-id.ts'
export { readStateFile, replaceFile, writeStateFile } from './state-file.ts'
