/**
 * One form for the many ways in which the same name is written: llama-v3p1-70b-instruct, Llama-3.1-70B-Instruct-FP8,
 * llama3.1:70b-instruct-q4_K_M and llama3-1-70b all become llama-3.1-70b. Names of models and names of events go
 * through the same rules, so the form need not be pretty, only equal. What tells models apart (mini, thinking, coder,
 * a version, a size) is never taken away; what only tells how they are served (precision, quantisation, instruct,
 * context length) is.
 */

/** Hosts and makers that put their name before that of the model. */
const OWNER =
  /^(?:databricks|snowflake|azure|openai|anthropic|alibaba|alibaba-cloud|cohere|meta|nvidia|zai|z-ai|xai|x-ai|amazon|google|mistralai|moonshotai|fw|ibm|microsoft)-(?=[a-z])/
const PRECISION =
  /-(?:(?:nv|mx)?fp(?:4|8|16)|mxfp|bf16|int[48]|[48]bit|awq|gptq|gguf|mlx|w[48]a(?:8|16)|dynamic|qat)(?=-|$)/g
const QUANTISATION = /-i?q\d(?:[-.](?:\d|k|m|s|l|xl|xs|xxs))*$/
/** Taken away wherever it stands. */
const SERVING = /^(?:instruct|hf|maas|tee|preview|latest|experimental|free|cloud|lora|tput)$/
/** Taken away behind a size only: gpt-4-turbo and gpt-5-chat are names, llama-3.1-70b-turbo is a way to serve it. */
const SERVING_AFTER_SIZE =
  /^(?:chat|it|base|turbo|fast|instant|versatile|basic|lite|vision|text|long|spot|us|eu|ultra|highspeed|\d+k|1m|\d+e|v\d+(?:\.\d+)?|\d+(?:\.\d+)?|\d{4}|\d{6,8}|[a-f])$/
const SIZE = /^(?:\d+x)?\d+(?:\.\d+)?[bt]$|^a\d+(?:\.\d+)?[bm]$|^e\d+b$/

/** v3p1 is 3.1, llama3 is llama-3, 3-1 is 3.1 unless a unit follows (llama-3-8b). */
const normalised = (name: string): string =>
  name
    .replace(/\+$/, '-plus')
    .replace(/[_:/\s]+/g, '-')
    .replace(PRECISION, '')
    .replace(/(\d)p(\d)/g, '$1.$2')
    .replace(/\bv(?=\d)/g, '')
    .replace(/([a-z]{2})(?=\d)/g, '$1-')
    .replace(/-{2,}/g, '-')
    .replace(/(?<![\d.])(\d)-(\d{1,2})(?![\da-z.])/g, '$1.$2')

function withoutServing(tokens: readonly string[]): string[] {
  const kept = tokens.filter((t) => !SERVING.test(t))
  const size = kept.findLastIndex((t) => SIZE.test(t))
  if (size === -1) return kept
  const behind = kept.slice(size + 1)
  return [...kept.slice(0, size + 1), ...behind.filter((t) => !SERVING_AFTER_SIZE.test(t))]
}

/** `name` in lower case. Empty for a name of decoration alone. Linear in the length of the name. */
export function canonicalName(name: string): string {
  const plain = normalised(name).replace(QUANTISATION, '').replace(OWNER, '').replace(OWNER, '')
  return withoutServing(plain.split('-').filter((t) => t !== '')).join('-')
}
