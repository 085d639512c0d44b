/**
 * The closed list of error codes. Each has one HTTP status where it answers a whole request, says whether the same
 * request may succeed later, and one sentence for the docs. docs/api.md lists the same table.
 */
interface ErrorCodeSpec {
  readonly status: number
  readonly retryable: boolean
  readonly meaning: string
}

/** Codes of one event inside a request; the request as a whole may still be accepted. */
export const EVENT_ERROR_CODES = {
  not_an_object: { status: 400, retryable: false, meaning: 'The event is not a JSON object' },
  field_missing: { status: 400, retryable: false, meaning: 'A required field is absent' },
  field_type: { status: 400, retryable: false, meaning: 'A field has the wrong JSON type' },
  field_range: { status: 400, retryable: false, meaning: 'A number or a length is outside its limits' },
  field_format: { status: 400, retryable: false, meaning: 'A field does not have the form that is asked for' },
  unknown_field: { status: 400, retryable: false, meaning: 'A field that the event does not have' },
  duplicate_key: { status: 400, retryable: false, meaning: 'A key stands more than once in one JSON object' },
  content_not_allowed: {
    status: 400,
    retryable: false,
    meaning: 'A field that carries prompts or answers; Ecomind takes metadata only',
  },
  ts_out_of_range: { status: 400, retryable: false, meaning: 'The time is too far back or ahead of arrival' },
  org_not_allowed: {
    status: 400,
    retryable: false,
    meaning: 'The organisation is not the one this client may write for',
  },
  malformed_json: { status: 400, retryable: false, meaning: 'The body, or a line of it, is not JSON' },
} as const satisfies Record<string, ErrorCodeSpec>

/** Codes of a whole request. */
export const REQUEST_ERROR_CODES = {
  all_rejected: {
    status: 400,
    retryable: false,
    meaning: 'No event of the request was valid; each one has its reason in `rejected`',
  },
  no_events: { status: 400, retryable: false, meaning: 'The body holds no event' },
  invalid_utf8: { status: 400, retryable: false, meaning: 'The body is not valid UTF-8' },
  malformed_request: { status: 400, retryable: false, meaning: 'The head of the request contradicts itself' },
  malformed_encoding: { status: 400, retryable: false, meaning: 'The body is not what content-encoding says' },
  invalid_parameter: { status: 400, retryable: false, meaning: 'A query parameter or body field breaks its rule' },
  unauthorized: { status: 401, retryable: false, meaning: 'No key, or a key that is not known' },
  invalid_credentials: { status: 401, retryable: false, meaning: 'E-mail, password, code or passkey is wrong' },
  second_factor_required: {
    status: 401,
    retryable: false,
    meaning: 'The account has a second factor: the same again with `code`',
  },
  reauthentication_required: {
    status: 401,
    retryable: false,
    meaning: 'The sign-in is too old for this; sign in again',
  },
  csrf_rejected: {
    status: 403,
    retryable: false,
    meaning: 'A change by a browser session that does not show that it comes from our own pages',
  },
  sso_required: {
    status: 403,
    retryable: false,
    meaning: 'People of this e-mail domain sign in through their identity provider',
  },
  sign_in_refused: {
    status: 403,
    retryable: false,
    meaning: 'The sign-in is not known, or the answer of the identity provider was not accepted',
  },
  forbidden: { status: 403, retryable: false, meaning: 'The key or role does not have this right' },
  group_too_small: {
    status: 403,
    retryable: false,
    meaning: 'A breakdown by person would speak of fewer people than the organisation allows',
  },
  not_found: { status: 404, retryable: false, meaning: 'There is nothing under this address for this organisation' },
  method_not_allowed: { status: 405, retryable: false, meaning: 'The address exists, but not with this method' },
  request_timeout: { status: 408, retryable: true, meaning: 'The body did not arrive in time' },
  conflict: { status: 409, retryable: false, meaning: 'The request contradicts the present state' },
  request_in_progress: {
    status: 409,
    retryable: true,
    meaning: 'A request with the same Idempotency-Key is under way; ask again for its answer',
  },
  precondition_failed: {
    status: 412,
    retryable: false,
    meaning: 'If-Match names another version than the present one',
  },
  org_required: {
    status: 409,
    retryable: false,
    meaning: 'Several organisations know this account; the same again with `org_id`',
  },
  link_invalid: { status: 410, retryable: false, meaning: 'The link was used, has expired or is not known' },
  body_too_large: { status: 413, retryable: false, meaning: 'The body is larger than the limit, as sent or inflated' },
  too_many_events: { status: 413, retryable: false, meaning: 'More events than one request may carry' },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    meaning: 'content-type is neither application/json nor application/x-ndjson',
  },
  unsupported_encoding: { status: 415, retryable: false, meaning: 'content-encoding is neither gzip nor identity' },
  result_too_large: {
    status: 422,
    retryable: false,
    meaning: 'The answer would be larger than the limit; narrow the question',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    meaning: 'Another request had this Idempotency-Key in the last day',
  },
  domain_not_verified: {
    status: 422,
    retryable: false,
    meaning: 'The DNS record that shows whose domain it is was not found',
  },
  query_refused: { status: 422, retryable: false, meaning: 'The SQL is not allowed here, or the database refused it' },
  rate_limited: {
    status: 429,
    retryable: true,
    meaning: 'Over the rate or the daily quota of this key or its organisation, or too many tries to sign in',
  },
  provider_unavailable: {
    status: 502,
    retryable: true,
    meaning: 'The identity provider does not answer, or not as it should',
  },
  internal: { status: 500, retryable: true, meaning: 'A fault of ours; it is logged under the request id' },
  overloaded: {
    status: 503,
    retryable: true,
    meaning: 'Too much is under way already: bytes at the edge, questions at the API; nothing was accepted',
  },
  keys_unavailable: {
    status: 503,
    retryable: true,
    meaning: 'This edge has not got the keys from the control plane yet; nothing was accepted',
  },
  log_full: { status: 503, retryable: true, meaning: 'The log has reached its bound; nothing was accepted' },
  log_unavailable: { status: 503, retryable: true, meaning: 'The log cannot write now; nothing was accepted' },
  shutting_down: { status: 503, retryable: true, meaning: 'This process is stopping; nothing was accepted' },
  database_unavailable: { status: 503, retryable: true, meaning: 'The database does not answer' },
  query_timeout: { status: 504, retryable: true, meaning: 'The question took longer than its limit' },
} as const satisfies Record<string, ErrorCodeSpec>

/** Why the loader set an event aside. */
export const QUARANTINE_REASONS = {
  corrupt_record: 'The log record fails its checksum',
  undecodable_record: 'The log record is not a usage batch that this version can read',
  unknown_schema: 'The log record names a schema that is not known',
  id_conflict: 'Another event with the same id and different content came first',
} as const

export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeSpec>> = { ...EVENT_ERROR_CODES, ...REQUEST_ERROR_CODES }

export type EventErrorCode = keyof typeof EVENT_ERROR_CODES
export type RequestErrorCode = keyof typeof REQUEST_ERROR_CODES
export type ErrorCode = EventErrorCode | RequestErrorCode
export type QuarantineReason = keyof typeof QUARANTINE_REASONS
