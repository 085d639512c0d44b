/** Names and envelopes of SCIM 2.0 (RFC 7643, RFC 7644). */
import { z } from 'zod'
import { ApiError, type ApiErrorDetails } from '../http/api-error.ts'
import type { ErrorForm } from '../http/route.ts'

export const SCIM_TYPE = 'application/scim+json'
export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'
const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** RFC 7644, table 9. */
export type ScimType = 'invalidFilter' | 'invalidSyntax' | 'invalidPath' | 'noTarget' | 'invalidValue' | 'uniqueness'

/** A refusal that SCIM has a word for. */
export class ScimFault extends ApiError {
  readonly scimType: ScimType
  constructor(scimType: ScimType, message: string, details: ApiErrorDetails = {}) {
    super(scimType === 'uniqueness' ? 'conflict' : 'invalid_parameter', message, details)
    this.scimType = scimType
  }
}

export const scimErrorForm: ErrorForm = {
  mediaType: SCIM_TYPE,
  shape: z.object({
    schemas: z.array(z.literal(ERROR_SCHEMA)),
    status: z.string(),
    scimType: z.string().optional(),
    detail: z.string(),
  }),
  bodyOf: (error, requestId) => {
    const scimType = scimTypeOf(error)
    return {
      schemas: [ERROR_SCHEMA],
      status: String(error.status),
      ...(scimType === null ? {} : { scimType }),
      detail: `${error.message} (${error.code}, request ${requestId})`,
    }
  },
}

function scimTypeOf(error: ApiError): ScimType | null {
  if (error instanceof ScimFault) return error.scimType
  if (error.code === 'malformed_json') return 'invalidSyntax'
  if (error.code === 'conflict' && error.field !== undefined) return 'uniqueness'
  return error.code === 'invalid_parameter' ? 'invalidValue' : null
}

export const listShape = z.object({
  schemas: z.array(z.literal(LIST_SCHEMA)),
  totalResults: z.number().int(),
  startIndex: z.number().int(),
  itemsPerPage: z.number().int(),
  Resources: z.array(z.looseObject({})),
})

export function listOf(resources: readonly unknown[], total: number, startIndex: number) {
  return {
    schemas: [LIST_SCHEMA],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}
