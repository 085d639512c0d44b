/** argon2id, a few at a time: each takes 19 MiB and a core for some 20 ms, and whoever asks need not be anybody. */
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { ApiError } from '../../http/api-error.ts'
import { newToken } from '../secret-tokens.ts'
import { normalPassword } from './password-rules.ts'

/** OWASP's minimum for argon2id, 2025: m in KiB. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const
/** The library's number of argon2id. */
const ARGON2ID = 2
const AT_ONCE = 2
const WAITING_MAX = 64

export class PasswordHasher {
  #running = 0
  readonly #waiting: (() => void)[] = []
  #dummy: Promise<string> | null = null

  /** @throws ApiError overloaded */
  async hash(password: string): Promise<string> {
    return await this.#inTurn(() => hashNow(password))
  }

  /** Null as hash: the same work for an account that is not there, and never true. @throws ApiError overloaded */
  async verify(stored: string | null, password: string): Promise<boolean> {
    this.#dummy ??= hashNow(newToken())
    const against = stored ?? (await this.#dummy)
    const isRight = await this.#inTurn(() => verify(against, normalPassword(password)))
    return isRight && stored !== null
  }

  /** Parameters of the hash are others than those of today. */
  isOutdated(stored: string): boolean {
    const found = parseOptions(stored)
    const { memoryCost, timeCost, parallelism, outputLen } = PARAMETERS
    return (
      found.algorithm !== ARGON2ID ||
      found.memoryCost !== memoryCost ||
      found.timeCost !== timeCost ||
      found.parallelism !== parallelism ||
      found.outputLen !== outputLen
    )
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING_MAX)
        throw new ApiError('overloaded', 'Too many sign-ins at once; try again', { retryAfterSeconds: 2 })
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      // The place goes on to the next one, or is free.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

const hashNow = (password: string): Promise<string> =>
  hash(normalPassword(password), { ...PARAMETERS, algorithm: ARGON2ID })
