/** Where a ClickHouse server is and how to talk to it. Secrets are read from files once, before anything is opened. */

export interface HttpTarget {
  readonly kind: 'http'
  /** `http://host:8123` or `https://host:8443`, with a path behind a proxy; never with user, password or settings in it. */
  readonly url: string
  /** Default `default`. */
  readonly username?: string
  /** Never part of a log line or an error. */
  readonly password?: string
  readonly tls?: HttpTls
  /** Name of a cluster of the server: tables become replicated and distributed (cluster-statements.ts). Default: one server. */
  readonly cluster?: string
  /** Bodies of inserts and answers; default `gzip`. Saves the network, costs CPU here (see `docs/decisions`). */
  readonly compression?: 'gzip' | 'none'
  readonly timeouts?: Partial<HttpTimeouts>
}

/** The server's certificate is always verified, and its name too. */
export interface HttpTls {
  /** PEM. Default: the authorities that Node trusts. */
  readonly ca?: Buffer
  /** PEM: what this process shows to the server. With a password both are asked for, without one it is the log-in. */
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** All in milliseconds. */
export interface HttpTimeouts {
  /** Until a connection stands, TLS included. Shorter finds a dead host sooner, longer bears a bad network. */
  readonly connectMs: number
  /**
   * One question, insert or short command, answer included; on a cluster also the wait for replicas before a question.
   * After it the outcome is unknown and the insert is repeated.
   */
  readonly requestMs: number
  /** Statements that work on whole tables: migrations, rebuilds of rollups, recomputations. */
  readonly longMs: number
  /** How long a connection may idle; shorter than the server's keep_alive_timeout, or it meets closed sockets. */
  readonly idleMs: number
}

export const HTTP_TIMEOUTS: HttpTimeouts = {
  connectMs: 10_000,
  requestMs: 120_000,
  longMs: 6 * 3_600_000,
  idleMs: 2_500,
}
