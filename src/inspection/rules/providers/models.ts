// What providers of language models, and of what is built on them, hand out.

import { alnum, byName, hex, lower, of, url, uuid } from "../make.ts";
import type { Rule } from "../rule.ts";

const openai = of("OpenAI");
const anthropic = of("Anthropic");
const huggingface = of("Hugging Face");
const langsmith = of("LangSmith");

export const models: readonly Rule[] = [
  // platform.openai.com, API keys: the mark T3BlbkFJ is base64 of "OpenAI" and stands in the middle of each
  openai("openai-project-key", "project key", `sk-proj-${url("20,100")}T3BlbkFJ${url("20,100")}`),
  openai("openai-service-key", "service account key", `sk-svcacct-${url("20,100")}T3BlbkFJ${url("20,100")}`),
  openai("openai-admin-key", "administration key", `sk-admin-${url("20,100")}T3BlbkFJ${url("20,100")}`),
  openai("openai-none-key", "key without a project", `sk-None-${url("20,100")}T3BlbkFJ${url("20,100")}`),
  openai("openai-user-key", "user key of the first kind", `sk-${alnum(20)}T3BlbkFJ${alnum(20)}`, {
    keywords: ["t3blbkfj"],
    at: [23],
  }),
  // docs.anthropic.com, API overview and administration API; OAuth tokens as Claude Code's `setup-token` prints them
  anthropic("anthropic-key", "API key", `sk-ant-api\\d{2}-${url(93)}AA`),
  anthropic("anthropic-admin-key", "administration key", `sk-ant-admin\\d{2}-${url(93)}AA`),
  anthropic("anthropic-oauth-token", "OAuth access token", `sk-ant-oat\\d{2}-${url("80,120")}`),
  anthropic("anthropic-refresh-token", "OAuth refresh token", `sk-ant-ort\\d{2}-${url("80,120")}`),
  // huggingface.co/docs/hub/security-tokens
  huggingface("huggingface-token", "user access token", `hf_[A-Za-z]{34}`),
  huggingface("huggingface-organisation-token", "organisation token", `api_org_[A-Za-z]{34}`),
  // console.groq.com/docs, API keys
  of("Groq")("groq-key", "API key", `gsk_${alnum(52)}`),
  // docs.perplexity.ai, API keys
  of("Perplexity")("perplexity-key", "API key", `pplx-${alnum("40,56")}`),
  // replicate.com/docs, API tokens
  of("Replicate")("replicate-token", "API token", `r8_${alnum(37)}`),
  // docs.x.ai, API keys
  of("xAI")("xai-key", "API key", `xai-${alnum("70,120")}`),
  // inference-docs.cerebras.ai
  of("Cerebras")("cerebras-key", "API key", `csk-${lower(48)}`),
  // docs.fireworks.ai
  of("Fireworks")("fireworks-key", "API key", `fw_${alnum(24)}`),
  // docs.api.nvidia.com
  of("NVIDIA")("nvidia-key", "API key", `nvapi-${url("60,70")}`),
  // openrouter.ai/docs, authentication
  of("OpenRouter")("openrouter-key", "API key", `sk-or-v1-${hex(64)}`),
  // docs.together.ai
  of("Together AI")("together-key", "API key", `tgp_v1_${url(43)}`),
  // docs.smith.langchain.com, API keys
  langsmith("langsmith-personal-token", "personal access token", `lsv2_pt_${hex(32)}_${hex(10)}`),
  langsmith("langsmith-service-key", "service key", `lsv2_sk_${hex(32)}_${hex(10)}`),
  // langfuse.com/docs, API keys
  of("Langfuse")("langfuse-secret-key", "secret key", `sk-lf-${uuid}`),
  // docs.tavily.com
  of("Tavily")("tavily-key", "API key", `tvly-(?:dev-|prod-)?${alnum(32)}`),
  // jina.ai, API dashboard
  of("Jina AI")("jina-key", "API key", `jina_${alnum(32)}[0-9A-Za-z_-]{28}`),
  // docs.friendli.ai
  of("Friendli")("friendli-token", "personal access token", `flp_${alnum(46)}`),
  // docs.firecrawl.dev
  of("Firecrawl")("firecrawl-key", "API key", `fc-${hex(32)}`, { keywords: ["fc-"] }),
  // api-docs.deepseek.com; the same shape is used by several makers of compatible interfaces
  of("DeepSeek")("deepseek-key", "API key", `sk-${hex(32)}`),
  // elevenlabs.io/docs, authentication
  of("ElevenLabs")("elevenlabs-key", "API key", `sk_${hex(48)}`),
  // docs.cloud.llamaindex.ai
  of("LlamaIndex")("llamacloud-key", "API key", `llx-${alnum(48)}`),
  // docs.pinecone.io, API keys
  of("Pinecone")("pinecone-key", "API key", `pcsk_${alnum("5,6")}_${alnum("60,64")}`),
  // e2b.dev/docs
  of("E2B")("e2b-key", "API key", `e2b_${hex(40)}`),
  // docs.dev.runwayml.com
  of("Runway")("runway-key", "API key", `key_${hex(128)}`),
  // docs.cursor.com, administration and agents API
  of("Cursor")("cursor-key", "API key", `key_${hex(64)}`),
  // docs.browserbase.com
  of("Browserbase")("browserbase-key", "API key", `bb_live_${url("24,32")}`),
  // the following have no mark: known by the variable their own documentation names
  byName("Cohere")("cohere-key", "API key", ["cohere_api_key", "co_api_key"], alnum(40)),
  byName("Mistral AI")("mistral-key", "API key", ["mistral_api_key", "codestral_api_key"], alnum(32)),
  byName("AssemblyAI")("assemblyai-key", "API key", ["assemblyai"], hex(32)),
  byName("Deepgram")("deepgram-key", "API key", ["deepgram"], hex(40)),
  byName("Weights & Biases")("wandb-key", "API key", ["wandb"], hex(40)),
  byName("AI21")("ai21-key", "API key", ["ai21"], uuid),
];
