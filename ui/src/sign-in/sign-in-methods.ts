/** How people of a domain sign in, as GET /v1/auth/methods tells it. */
import { ask } from '../api/ask.ts'

export interface Provider {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly start_url: string
}

export interface Methods {
  readonly password: boolean
  readonly passkey: boolean
  readonly sso_required: boolean
  readonly providers: readonly Provider[]
}

export const methodsFor = (email: string): Promise<Methods> =>
  ask<Methods>('/v1/auth/methods', [['email', email]], ['password', 'providers'])
