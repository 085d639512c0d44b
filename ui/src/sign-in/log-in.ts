/**
 * The steps of a sign-in by e-mail. One thing is asked at a time:
 * `email` -> `methods` (a provider, or a password) -> `code` when the account has a second factor, `organisation` when the
 * password is right in several -> done. A wrong password or code stays where it is; back always leads to `email`.
 */
import { createSignal } from 'solid-js'
import { type ApiError, asApiError } from '../api/api-error.ts'
import { send } from '../api/send.ts'
import { type Methods, methodsFor } from './sign-in-methods.ts'

export type Step = 'email' | 'methods' | 'code' | 'organisation'

export interface Typed {
  readonly email: string
  readonly password: string
  readonly code: string
  readonly orgId: string
}

const NOTHING: Typed = { email: '', password: '', code: '', orgId: '' }

export function createLogIn(email: string, done: () => void) {
  const [step, setStep] = createSignal<Step>('email')
  const [typed, setTyped] = createSignal<Typed>({ ...NOTHING, email })
  const [methods, setMethods] = createSignal<Methods>()
  const [byPassword, setByPassword] = createSignal(false)
  const [choices, setChoices] = createSignal<readonly string[]>([])
  const [fault, setFault] = createSignal<ApiError>()
  const [busy, setBusy] = createSignal(false)

  const during = async (work: () => Promise<void>) => {
    if (busy()) return
    setBusy(true)
    setFault(undefined)
    try {
      await work()
    } catch (error) {
      setFault(asApiError(error))
    } finally {
      setBusy(false)
    }
  }

  const lookUp = async () => {
    const found = await methodsFor(typed().email.trim())
    setMethods(found)
    setByPassword(found.password && !found.sso_required)
    setStep('methods')
  }

  const tryPassword = async () => {
    const { email: address, password, code, orgId } = typed()
    const body = {
      email: address.trim(),
      password,
      ...(code === '' ? {} : { code: code.trim() }),
      ...(orgId === '' ? {} : { org_id: orgId.trim() }),
    }
    try {
      await send({ method: 'POST', path: '/v1/auth/login', body })
      done()
    } catch (error) {
      const refusal = asApiError(error)
      const next = AFTER_REFUSAL[refusal.code]
      if (next === undefined || next === step()) throw refusal
      if (next === 'organisation') setChoices(organisationsIn(refusal.message))
      setStep(next)
    }
  }

  return {
    step,
    typed,
    methods,
    byPassword,
    /** Ids of organisations for which the password is right, where there are several. */
    choices,
    fault,
    busy,
    type: (patch: Partial<Typed>) => setTyped({ ...typed(), ...patch }),
    usePassword: () => setByPassword(true),
    submit: () => during(step() === 'email' ? lookUp : tryPassword),
    /** Work of another way in, such as a passkey. */
    during,
    back: () => {
      setTyped({ ...NOTHING, email: typed().email })
      setFault(undefined)
      setStep('email')
    },
  }
}

const AFTER_REFUSAL: Readonly<Record<string, Step>> = { second_factor_required: 'code', org_required: 'organisation' }

/** The refusal names them at its end, behind a colon. */
export function organisationsIn(message: string): readonly string[] {
  const list = /: ([A-Za-z0-9_.:-]+(?:, [A-Za-z0-9_.:-]+)*)$/.exec(message)?.[1]
  return list === undefined ? [] : list.split(', ')
}

export type LogIn = ReturnType<typeof createLogIn>
