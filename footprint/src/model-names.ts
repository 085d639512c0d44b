/**
 * The spellings of one model: gateways, clouds and registries decorate the maker's name with paths, regions, vendors,
 * versions and dates. Gives the name as it came, then with the decoration taken off layer by layer.
 */

/** `us.`, `eu.`, ... of Bedrock inference profiles, then its vendor; e.g. us.anthropic.claude-3-haiku-20240307-v1:0. */
const BEDROCK_REGION = /^(?:us-gov|us|eu|apac|au|jp|ca|global)\.(?=[a-z0-9]+\.)/
const BEDROCK_VENDOR =
  /^(?:anthropic|meta|mistral|cohere|amazon|ai21|deepseek|openai|qwen|google|writer|nvidia|minimax|moonshotai?|zai)\./
const BEDROCK_VERSION = /-v\d+(?::\d+)?(?::\d+k)?$/
const ROUTE_SUFFIX = /:(?:\d+|free|beta|nitro|floor|thinking|extended|online|exacto|latest)$/
const VERTEX_VERSION = /@[a-z0-9-]+$/
const DATE_OR_STAGE =
  /-(?:latest|preview|exp(?:erimental)?|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}|\d{8}|\d{6}|\d{4}|\d{3})$/

/** ft:gpt-4o-mini-2024-07-18:organisation::id is a fine-tuned gpt-4o-mini. */
const baseOfFineTune = (name: string): string => (name.startsWith('ft:') ? (name.split(':')[1] ?? name) : name)
const lastSegment = (name: string): string => name.slice(name.replace(/\/+$/, '').lastIndexOf('/') + 1)

function withoutDates(name: string): string {
  let stripped = name
  // A name carries at most a few stages and dates; the bound keeps a hostile one cheap.
  for (let i = 0; i < 4; i++) {
    const shorter = stripped.replace(DATE_OR_STAGE, '')
    if (shorter === stripped || shorter === '') break
    stripped = shorter
  }
  return stripped
}

/** Distinct, in the order in which they are to be looked up; the first is the name in lower case. */
export function modelSpellings(model: string): string[] {
  const lower = model.trim().toLowerCase()
  const segment = lastSegment(baseOfFineTune(lower))
  const bare = segment.replace(BEDROCK_REGION, '').replace(BEDROCK_VENDOR, '')
  const unversioned = bare.replace(VERTEX_VERSION, '').replace(ROUTE_SUFFIX, '').replace(BEDROCK_VERSION, '')
  return [...new Set([lower, segment, bare, unversioned, withoutDates(unversioned)])]
}

/**
 * `*` stands for any text, everything else for itself. Linear in the name, however many wildcards there are; compiled
 * once, because names that clients make up are matched with every pattern.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  const [head = '', ...rest] = glob.split('*')
  const tail = rest.pop()
  if (tail === undefined) return (name) => name === glob
  const lengthMin = head.length + tail.length
  return (name) => {
    if (name.length < lengthMin || !name.startsWith(head) || !name.endsWith(tail)) return false
    let from = head.length
    for (const part of rest) {
      const at = name.indexOf(part, from)
      if (at === -1) return false
      from = at + part.length
    }
    return from <= name.length - tail.length
  }
}
