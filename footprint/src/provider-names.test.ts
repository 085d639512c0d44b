/** Names of providers as OpenTelemetry, LiteLLM, the clouds and people write them. */
import { describe, expect, test } from 'vitest'
import { loadDefaultFactorSet } from './node.ts'
import { providerIndex } from './resolve-factor.ts'

const providerOf = providerIndex(loadDefaultFactorSet().definition)

describe('providerIndex of the default set', () => {
  test.each([
    // gen_ai.provider.name of the semantic conventions of OpenTelemetry.
    ['anthropic', 'anthropic'],
    ['aws.bedrock', 'bedrock'],
    ['azure.ai.inference', 'azure'],
    ['azure.ai.openai', 'azure'],
    ['cohere', 'cohere'],
    ['deepseek', 'deepseek'],
    ['gcp.gemini', 'google'],
    ['gcp.gen_ai', 'google'],
    ['gcp.vertex_ai', 'google'],
    ['groq', 'groq'],
    ['ibm.watsonx.ai', 'watsonx'],
    ['mistral_ai', 'mistral'],
    ['openai', 'openai'],
    ['perplexity', 'perplexity'],
    ['x_ai', 'xai'],
    // LiteLLM.
    ['azure_ai', 'azure'],
    ['bedrock_converse', 'bedrock'],
    ['vertex_ai-anthropic_models', 'google'],
    ['fireworks_ai', 'fireworks'],
    ['together_ai', 'together'],
    ['nvidia_nim', 'nvidia'],
    ['ollama_chat', 'self-hosted'],
    ['hosted_vllm', 'self-hosted'],
    ['dashscope', 'alibaba'],
    ['moonshot', 'moonshot'],
    ['zai', 'zhipu'],
    ['cohere_chat', 'cohere'],
    ['meta_llama', 'meta'],
    ['volcengine', 'volcengine'],
    ['vercel_ai_gateway', 'vercel'],
    // People.
    ['Azure AI Foundry', 'azure'],
    ['Amazon Bedrock', 'bedrock'],
    ['Google AI Studio', 'google'],
    ['GitHub Models', 'github-copilot'],
    ['Hugging Face', 'huggingface'],
    ['OpenRouter', 'openrouter'],
    ['LM Studio', 'self-hosted'],
    ['an unheard of host', 'other'],
    ['', 'other'],
  ])('reads %s as %s', (name, id) => {
    expect(providerOf(name)).toBe(id)
  })
})
