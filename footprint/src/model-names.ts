/**
 * The spellings of one model: gateways, clouds and registries decorate the maker's name with paths, regions, vendors,
 * versions and dates. Gives the name as it came, then with the decoration taken off layer by layer.
 */

/** The contract bounds names at 128 characters; callers of the library may not, and work must stay bounded. */
const LENGTH_MAX = 256
const SEGMENTS_MAX = 8

/** `us.`, `eu.`, ... of Bedrock inference profiles, then its vendor; e.g. us.anthropic.claude-3-haiku-20240307-v1:0. */
const BEDROCK_REGION = /^(?:us-gov|us|eu|apac|au|jp|ca|in|sa|global)\.(?=[a-z0-9]+\.)/
const VENDOR =
  /^(?:anthropic|meta|mistral|cohere|amazon|ai21|deepseek|openai|qwen|google|writer|nvidia|minimax|moonshot|moonshotai|zai|xai|stability|twelvelabs|luma|ibm|system\.ai)\.(?=[a-z])/
const BEDROCK_VERSION = /-v\d+(?::\d+)?(?::\d+k)?$/
const ROUTE_SUFFIX = /:(?:\d+|free|beta|nitro|floor|thinking|extended|online|exacto|latest|cloud|batch|[a-z-]*cloud)$/
const VERTEX_VERSION = /@[a-z0-9-]+$/
/** Azure names a fine-tuned model <base>.ft-<id>, OpenAI ft:<base>:<organisation>::<id>. */
const AZURE_FINE_TUNE = /\.ft-[a-z0-9-]+$/
const DATE_OR_STAGE =
  /-(?:latest|preview|exp(?:erimental)?|beta|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}|\d{8}|\d{6}|\d{4}|\d{3})$/

/** ARNs whose last part is an id that somebody's account made up: they say nothing about the model. */
const OPAQUE_ARN =
  /^arn:[^/]*:(?:application-inference-profile|provisioned-model|imported-model|prompt-router|default-prompt-router|endpoint)\//

const lowerCase = (model: string): string => model.slice(0, LENGTH_MAX).trim().toLowerCase()

export const isOpaqueName = (model: string): boolean => OPAQUE_ARN.test(lowerCase(model))

/** ft:gpt-4o-mini-2024-07-18:organisation::id is a fine-tuned gpt-4o-mini. */
const baseOfFineTune = (name: string): string => (name.startsWith('ft:') ? (name.split(':')[1] ?? name) : name)

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

function layers(segment: string): string[] {
  const bare = segment.replace(BEDROCK_REGION, '').replace(VENDOR, '').replace(AZURE_FINE_TUNE, '')
  const routed = bare.replace(VERTEX_VERSION, '').replace(ROUTE_SUFFIX, '')
  const unversioned = routed.replace(BEDROCK_VERSION, '')
  return [segment, bare, routed, unversioned, withoutDates(routed), withoutDates(unversioned)]
}

/** Distinct, in the order in which they are to be looked up; the first is the name in lower case. */
export function modelSpellings(model: string): string[] {
  const lower = lowerCase(model)
  if (isOpaqueName(lower)) return [lower]
  const path = baseOfFineTune(lower).replace(/\/+$/, '')
  return [...new Set([lower, ...layers(path.slice(path.lastIndexOf('/') + 1))])]
}

/**
 * The other parts of a path, from right to left, for deployments and routes that put something behind the model:
 * gpt-image-2/edit. Only those with a digit: `mistral/...` and `openai/...` name makers, not models.
 */
export function outerSegments(model: string): string[] {
  const lower = lowerCase(model)
  if (isOpaqueName(lower)) return []
  const segments = lower.split('/').slice(0, -1).reverse().slice(0, SEGMENTS_MAX)
  return [...new Set(segments.filter((s) => /[a-z].*\d/.test(s)).flatMap(layers))]
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
