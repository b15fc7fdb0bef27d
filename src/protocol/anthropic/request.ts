// Anthropic Messages, requests: `/v1/messages`, `/v1/messages/count_tokens`, and each request of a batch. Fields as in the vendor's
// own SDK package (@anthropic-ai/sdk 1.10.0, resources/messages and resources/beta/messages).

import {
  as,
  by,
  call,
  either,
  fixed,
  free,
  list,
  media,
  object,
  opaque,
  result,
  said,
  setting,
  text,
} from "../shape/shapes.ts";
import { below, count, type Shape, type Walk } from "../shape/walk.ts";

const common = { type: setting, cache_control: setting } as const;

const source = by("type", {
  base64: object({ type: setting, media_type: setting, data: media }),
  text: object({ type: setting, media_type: setting, data: text }),
  url: object({ type: setting, url: text }),
  file: object({ type: setting, file_id: setting }),
  content: object({ type: setting, content: later(() => content) }),
});

const citations = list(free);

const searchResult = object({
  ...common,
  source: text,
  title: text,
  content: list(later(() => block)),
  citations: setting,
});

const blocks = {
  text: object({ ...common, text: said, citations }),
  image: object({ ...common, source }),
  document: object({ ...common, source, title: text, context: text, citations: setting }),
  search_result: searchResult,
  thinking: as("assistant", object({ type: setting, thinking: fixed(text), signature: opaque })),
  redacted_thinking: as("assistant", object({ type: setting, data: opaque })),
  tool_use: called("input"),
  server_tool_use: called("input"),
  mcp_tool_use: called("input"),
  tool_result: answered,
  mcp_tool_result: answered,
  web_search_tool_result: answered,
  web_fetch_tool_result: answered,
  code_execution_tool_result: answered,
  bash_code_execution_tool_result: answered,
  text_editor_code_execution_tool_result: answered,
  tool_search_tool_result: answered,
  tool_reference: object({ ...common, tool_name: setting }),
  browser_state: free,
  container_upload: object({ ...common, file_id: setting }),
  compaction: object({ ...common, content: fixed(text), encrypted_content: opaque }),
  web_search_result: object({ ...common, url: text, title: text, page_age: text, encrypted_content: opaque }),
  mid_conv_system: as("system", object({ ...common, text, content: free })),
} as const;

const block = by("type", blocks);
const content = either(said, list(block));

/** A description that comes further down. */
function later(shape: () => Shape): Shape {
  return (walk, node, at) => shape()(walk, node, at);
}

function called(input: string): Shape {
  return call(
    { id: "id" },
    object({ ...common, id: setting, name: setting, server_name: setting, caller: setting, [input]: free }),
  );
}

function answered(...[walk, node, at]: Parameters<Shape>): void {
  const inside = either(
    text,
    later(() => answer),
  );
  const fields = { ...common, tool_use_id: setting, is_error: setting, caller: setting, content: inside };
  result({ id: "tool_use_id" }, object(fields))(walk, node, at);
}

/** What a tool gave back: blocks, or one of the vendor's own results, in which all may stand. */
const answer: Shape = (walk, node, at) => {
  const each = by("type", blocks, "type");
  if (walk.isArray(node)) list(each)(walk, node, at);
  else opaqueWithin(walk, node, at);
};

/** Encrypted fields of the vendor's own results are its own; the rest is content. */
const opaqueWithin: Shape = (walk, node, at) => {
  for (const each of walk.tree.below(node)) {
    const inner = below(at, walk.nameOf(each));
    (walk.nameOf(each).startsWith(".encrypted_") ? opaque : free)(walk, each, inner);
  }
};

const message = by(
  "role",
  {
    user: as("person", object({ role: setting, content })),
    assistant: as("assistant", object({ role: setting, content, id: setting })),
    system: as("system", object({ role: setting, content })),
  },
  "role",
);

/**
 * Of the first two blocks: the client's attribution, and its name in a sentence or two, which the vendor checks. Whatever else stands
 * there is another client's instructions, with what it has read of the repository.
 */
const identity = /^(?:x-anthropic-billing-header:|You are (?:Claude|a Claude)\b(?![\s\S]{200}))/;

const isIdentity = ({ tree }: Walk, block: number, nth: number): boolean =>
  nth < 2 && identity.test(tree.stringIn(block, "text") ?? "");

const system: Shape = as(
  "system",
  either(text, (walk, node, at) => {
    if (!walk.isArray(node)) return walk.strange("kind", node, at);
    for (const [nth, each] of count(walk.tree.below(node)))
      (isIdentity(walk, each, nth) ? fixed(block) : block)(walk, each, below(at, `[${nth}]`));
  }),
);

const tool = as(
  "description",
  object({
    ...common,
    name: text,
    description: text,
    input_schema: free,
    input_examples: free,
    strict: setting,
    eager_input_streaming: setting,
    defer_loading: setting,
    allowed_callers: setting,
    ...serverTools(),
  }),
);

/** Settings of the tools that the vendor itself carries out. */
function serverTools(): Readonly<Record<string, Shape>> {
  const names = "max_uses allowed_domains blocked_domains user_location citations max_content_tokens use_cache";
  const more = "display_width_px display_height_px display_number enable_zoom max_characters mcp_server_name";
  const last = "default_config configs response_inclusion";
  return Object.fromEntries(`${names} ${more} ${last}`.split(" ").map((name) => [name, setting]));
}

export const messagesRequest: Shape = object({
  model: setting,
  max_tokens: setting,
  messages: list(message),
  system,
  tools: list(tool),
  tool_choice: setting,
  stream: setting,
  thinking: setting,
  metadata: setting,
  container: free,
  cache_control: setting,
  context_management: setting,
  inference_geo: setting,
  service_tier: setting,
  speed: setting,
  output_config: free,
  output_format: free,
  stop_sequences: free,
  temperature: setting,
  top_p: setting,
  top_k: setting,
  mcp_servers: free,
  user_profile_id: setting,
  workspace_id: setting,
  diagnostics: free,
  betas: setting,
  // of Bedrock and Vertex, where the same body travels
  anthropic_version: setting,
  anthropic_beta: setting,
});

export const batchRequest: Shape = object({
  requests: list(object({ custom_id: setting, params: messagesRequest })),
});
