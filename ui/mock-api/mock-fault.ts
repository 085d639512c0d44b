/** A refusal of the mock, in the shape of the API's errors. */
import type { ErrorBody } from '@ecomind/schemas'

export class MockFault extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }

  body(requestId: string): ErrorBody {
    return { error: { code: this.code, message: this.message, request_id: requestId } }
  }
}
