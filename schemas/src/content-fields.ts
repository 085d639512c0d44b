/**
 * Names under which prompts and answers travel in the APIs of providers and tools. An event that carries one of
 * them, at any depth and in any case, is refused with `content_not_allowed`: Ecomind stores metadata only.
 */
export const CONTENT_FIELDS: ReadonlySet<string> = new Set([
  'prompt',
  'prompts',
  'prompt_text',
  'system_prompt',
  'user_prompt',
  'completion',
  'completions',
  'completion_text',
  'message',
  'messages',
  'content',
  'contents',
  'input',
  'inputs',
  'input_text',
  'input_messages',
  'output',
  'outputs',
  'output_text',
  'output_messages',
  'text',
  'texts',
  'response_text',
  'choices',
  'transcript',
  'conversation',
  'chat_history',
  'message_text',
  'message_content',
  'user_message',
  'user_input',
  'assistant_message',
  'model_output',
  'generated_text',
  'instructions',
  'system_instruction',
])

const BARE_NAMES: ReadonlySet<string> = new Set([...CONTENT_FIELDS].map(bare))

/** True when a key names content; letter case, camelCase, separators, white space and wide letters do not hide it. */
export function isContentField(key: string): boolean {
  return CONTENT_FIELDS.has(key) || BARE_NAMES.has(bare(key))
}

function bare(key: string): string {
  return key
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
}
