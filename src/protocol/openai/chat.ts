// OpenAI Chat Completions, requests, as everybody who speaks it sends them. Fields as in the vendor's own SDK package (openai 6.49.0,
// resources/chat/completions), and those of its kin that agents were seen to send (DashScope, Copilot, local servers).

import {
  as,
  by,
  call,
  either,
  free,
  list,
  media,
  object,
  result,
  said,
  setting,
  settings,
  text,
} from "../shape/shapes.ts";
import type { Shape } from "../shape/walk.ts";

const part = by("type", {
  text: object({ type: setting, text: said, cache_control: setting }),
  image_url: object({
    type: setting,
    image_url: either(text, object({ url: text, detail: setting })),
    cache_control: setting,
  }),
  input_audio: object({ type: setting, input_audio: object({ data: media, format: setting }) }),
  file: object({ type: setting, file: object({ file_data: media, file_id: setting, filename: text }) }),
  refusal: object({ type: setting, refusal: text }),
});

const content = either(said, list(part));

/** Arguments are JSON within a string: opened by whoever looks into it. */
const toolCall = call(
  { id: "id", name: ["function", "name"] },
  by(
    "type",
    {
      function: object({
        id: setting,
        type: setting,
        index: setting,
        function: object({ name: setting, arguments: text }),
      }),
      custom: object({ id: setting, type: setting, index: setting, custom: object({ name: setting, input: text }) }),
    },
    "type",
    object({ id: setting, index: setting, function: object({ name: setting, arguments: text }) }),
  ),
);

const message = by(
  "role",
  {
    system: as("system", object({ role: setting, content, name: text })),
    developer: as("system", object({ role: setting, content, name: text })),
    user: as("person", object({ role: setting, content, name: text })),
    assistant: as(
      "assistant",
      object({
        role: setting,
        content,
        name: text,
        refusal: text,
        audio: setting,
        annotations: free,
        reasoning: text,
        reasoning_content: text,
        reasoning_details: free,
        reasoning_text: text,
        reasoning_opaque: text,
        tool_calls: list(toolCall),
        function_call: as("call", object({ name: setting, arguments: text })),
      }),
    ),
    tool: result({ id: "tool_call_id" }, object({ role: setting, tool_call_id: setting, name: setting, content })),
    function: result({ id: "name", name: ["name"] }, object({ role: setting, name: setting, content })),
  },
  "role",
);

const described = object({ name: text, description: text, parameters: free, strict: setting });

const tool = as(
  "description",
  by("type", {
    function: object({ type: setting, function: described, cache_control: setting }),
    custom: object({ type: setting, custom: object({ name: text, description: text, format: free }) }),
  }),
);

export const chatRequest: Shape = object({
  messages: list(message),
  tools: list(tool),
  functions: as("description", list(described)),
  prediction: free,
  response_format: free,
  metadata: free,
  user: setting,
  web_search_options: free,
  stop: free,
  logit_bias: free,
  ...settings(
    "model stream stream_options store temperature top_p n max_tokens max_completion_tokens frequency_penalty presence_penalty",
  ),
  ...settings(
    "seed tool_choice parallel_tool_calls function_call reasoning_effort verbosity modalities audio service_tier",
  ),
  ...settings("logprobs top_logprobs prompt_cache_key prompt_cache_retention safety_identifier moderation"),
  // its kin's
  ...settings(
    "enable_thinking thinking thinking_budget reasoning top_k min_p repetition_penalty vl_high_resolution_images",
  ),
});
