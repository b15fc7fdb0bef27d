// Ollama's own interface, requests of `/api/chat`, `/api/generate`, `/api/embed`. Fields as in the maker's own package (ollama 0.6.4).

import { as, by, either, free, list, media, object, said, setting, text } from "../shape/shapes.ts";
import type { Shape } from "../shape/walk.ts";

const fields = {
  role: setting,
  content: said,
  thinking: text,
  images: list(media),
  tool_calls: as(
    "call",
    list(object({ id: setting, function: object({ index: setting, name: setting, arguments: free }) })),
  ),
  tool_name: setting,
  tool_call_id: setting,
} as const;

const message = by(
  "role",
  {
    system: as("system", object(fields)),
    user: as("person", object(fields)),
    assistant: as("assistant", object(fields)),
    tool: as("result", object(fields)),
  },
  "role",
);

const tool = as(
  "description",
  object({ type: setting, function: object({ name: text, description: text, parameters: free, type: setting }) }),
);

const shared = {
  model: setting,
  stream: setting,
  format: free,
  options: free,
  keep_alive: setting,
  think: setting,
} as const;
const more = { logprobs: setting, top_logprobs: setting } as const;

export const chatRequest: Shape = object({ ...shared, ...more, messages: list(message), tools: list(tool) });

export const generateRequest: Shape = object({
  ...shared,
  ...more,
  prompt: as("person", said),
  suffix: as("person", text),
  system: as("system", text),
  template: as("system", text),
  context: setting,
  raw: setting,
  images: list(media),
  width: setting,
  height: setting,
  steps: setting,
});

export const embedRequest: Shape = object({
  ...shared,
  input: as("person", either(text, list(text))),
  prompt: as("person", text),
  truncate: setting,
  dimensions: setting,
});
