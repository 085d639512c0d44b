/** The part of samlp that the tests use; it has no types of its own. */
declare module 'samlp' {
  export interface SamlOptions {
    readonly issuer: string
    readonly cert: string
    readonly key: string
    readonly audience: string
    readonly recipient: string
    readonly destination: string
    readonly inResponseTo: string
    readonly lifetimeInSeconds: number
    readonly signAssertion: boolean
    readonly signResponse: boolean
    readonly signatureAlgorithm: 'rsa-sha1' | 'rsa-sha256'
    readonly digestAlgorithm: 'sha1' | 'sha256'
    readonly profileMapper: () => object
  }
  export function getSamlResponse(
    options: SamlOptions,
    user: object,
    done: (error: Error | null, xml: string) => void,
  ): void
}
