/** Checks a new password and hashes it. */
import { invalidParameter } from '../../http/api-error.ts'
import type { SignIn } from '../sign-in.ts'
import { passwordFault } from './password-rules.ts'

/** @throws ApiError invalid_parameter, overloaded */
export async function newPasswordHash(
  signIn: SignIn,
  field: string,
  password: string,
  { email, name }: { readonly email: string; readonly name: string },
): Promise<string> {
  const fault = passwordFault(password, [email, name])
  if (fault !== null) throw invalidParameter(field, fault)
  return await signIn.hasher.hash(password)
}
