/**
 * The form that a SAML response must have before any signature in it is looked at. Attacks on SAML live from XML that two
 * readers understand differently (wrapped signatures, comments, entities, a second assertion), so whatever sign-in does
 * not need is refused: nothing here repairs or chooses.
 */
import { DOMParser } from '@xmldom/xmldom'

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol'
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion'
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#'
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const LENGTH_MAX = 200_000
const ELEMENTS_MAX = 10_000

/** SHA-256 or better only. */
const ALGORITHMS: Readonly<Record<string, ReadonlySet<string>>> = {
  SignatureMethod: new Set(
    ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'].map(
      (name) => `http://www.w3.org/2001/04/xmldsig-more#${name}`,
    ),
  ),
  DigestMethod: new Set([
    'http://www.w3.org/2001/04/xmlenc#sha256',
    'http://www.w3.org/2001/04/xmldsig-more#sha384',
    'http://www.w3.org/2001/04/xmlenc#sha512',
  ]),
  CanonicalizationMethod: new Set([EXCLUSIVE]),
  Transform: new Set(['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE]),
}

/** Of a response, each in the namespace it belongs to. */
const CHILDREN: ReadonlySet<string> = new Set([
  `${ASSERTION} Issuer`,
  `${SIGNATURE} Signature`,
  `${PROTOCOL} Extensions`,
  `${PROTOCOL} Status`,
  `${ASSERTION} Assertion`,
])

/** Why a response is not accepted: for the log and the audit, never for the answer. */
export class SamlRefusal extends Error {
  override readonly name = 'SamlRefusal'
}

export interface StrictResponse {
  /** Id of our request. */
  readonly inResponseTo: string
  /** Null: not said. */
  readonly destination: string | null
  /** The response has a signature of its own, beside that of the assertion. */
  readonly isSigned: boolean
}

/** `encoded`: base64, as the browser posted it. @throws SamlRefusal */
export function readStrictResponse(encoded: string): { readonly xml: string; readonly response: StrictResponse } {
  const xml = decode(encoded)
  const root = parse(xml)
  const elements = [root, ...Array.from(root.getElementsByTagName('*'))]
  demand(elements.length <= ELEMENTS_MAX, 'too many elements')
  demand(isNamed(root, PROTOCOL, 'Response'), 'not a Response')
  demand(root.getAttribute('Version') === '2.0', 'another version than 2.0')
  const children = elements.filter((e) => e.parentNode === root)
  demand(
    children.every((e) => CHILDREN.has(`${e.namespaceURI ?? ''} ${e.localName}`)),
    'an element that a Response does not have',
  )
  checkSuccess(children)
  const assertion = onlyAssertion(root, elements)
  checkIds(elements)
  const isSigned = checkSignatures(root, assertion, elements)
  const inResponseTo = root.getAttribute('InResponseTo') ?? ''
  demand(inResponseTo !== '', 'no InResponseTo: nobody here asked for it')
  const destination = root.hasAttribute('Destination') ? root.getAttribute('Destination') : null
  return { xml, response: { inResponseTo, destination, isSigned } }
}

function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new SamlRefusal(otherwise)
}

function decode(encoded: string): string {
  const compact = encoded.replace(/[\r\n]/g, '')
  demand(/^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length <= LENGTH_MAX * 2, 'not base64, or too long')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(compact, 'base64'))
  } catch {
    throw new SamlRefusal('not UTF-8')
  }
}

function parse(xml: string): Element {
  demand(xml.length <= LENGTH_MAX, 'too long')
  // Document types, entities, comments and CDATA all begin so; an instruction may only be the XML declaration.
  demand(!xml.includes('<!'), 'a document type, entity, comment or CDATA section')
  demand(!xml.replace(/^<\?xml [^<>?]*\?>/, '').includes('<?'), 'a processing instruction')
  const faults: string[] = []
  const note = (message: unknown) => faults.push(String(message))
  const parser = new DOMParser({ errorHandler: { warning: note, error: note, fatalError: note } })
  let root: Element | null
  try {
    root = parser.parseFromString(xml, 'text/xml').documentElement
  } catch {
    throw new SamlRefusal('not well-formed XML')
  }
  demand(faults.length === 0 && root !== null, 'not well-formed XML')
  return root
}

const isNamed = (e: Element, namespace: string, name: string): boolean =>
  e.namespaceURI === namespace && e.localName === name

function checkSuccess(children: readonly Element[]): void {
  const statuses = children.filter((e) => isNamed(e, PROTOCOL, 'Status'))
  const codes = statuses.flatMap((s) => Array.from(s.getElementsByTagNameNS(PROTOCOL, 'StatusCode')))
  demand(statuses.length === 1 && codes[0]?.getAttribute('Value') === SUCCESS, 'the status is not Success')
}

/** By the bare name too: another namespace could be read as this one. */
function onlyAssertion(root: Element, elements: readonly Element[]): Element {
  demand(!elements.some((e) => e.localName === 'EncryptedAssertion'), 'an encrypted assertion')
  const assertions = elements.filter((e) => e.localName === 'Assertion')
  const [assertion] = assertions
  demand(assertions.length === 1 && assertion !== undefined, 'not exactly one assertion')
  demand(assertion.parentNode === root && isNamed(assertion, ASSERTION, 'Assertion'), 'an assertion in another place')
  return assertion
}

function checkIds(elements: readonly Element[]): void {
  const ids = elements.flatMap((e) =>
    Array.from(e.attributes)
      .filter((a) => a.localName.toLowerCase() === 'id')
      .map((a) => a.value),
  )
  demand(new Set(ids).size === ids.length, 'an id that stands more than once')
}

/** True: the response is signed itself. */
function checkSignatures(root: Element, assertion: Element, elements: readonly Element[]): boolean {
  const signatures = elements.filter((e) => e.localName === 'Signature')
  for (const signature of signatures) {
    const parent = signature.parentNode
    demand(isNamed(signature, SIGNATURE, 'Signature'), 'a signature of another kind')
    demand(parent === root || parent === assertion, 'a signature in another place')
    demand(signature.getElementsByTagName('*').length < 60, 'a signature with too much in it')
    const inside = Array.from(signature.getElementsByTagName('*'))
    demand(!inside.some((e) => e.localName === 'Object'), 'an object in a signature')
    const references = inside.filter((e) => e.localName === 'Reference')
    const id = (parent as Element).getAttribute('ID') ?? ''
    demand(id !== '' && references.length === 1, 'a signature without exactly one reference')
    demand(references[0]?.getAttribute('URI') === `#${id}`, 'a signature of something else')
  }
  const ofAssertion = signatures.filter((s) => s.parentNode === assertion)
  const ofResponse = signatures.filter((s) => s.parentNode === root)
  demand(ofAssertion.length === 1, 'the assertion is not signed')
  demand(ofResponse.length <= 1, 'more than one signature of the response')
  for (const e of elements) {
    const allowed = ALGORITHMS[e.localName]
    if (allowed !== undefined)
      demand(allowed.has(e.getAttribute('Algorithm') ?? ''), `a ${e.localName} that is too weak or not known`)
  }
  return ofResponse.length === 1
}
