// OpenAI Responses, requests: bodies of `/v1/responses`, and the messages of its WebSocket, which hold only what is new. Fields as
// in the vendor's own SDK package (openai 6.49.0, resources/responses) and as Codex 0.169.0 was seen to send them.

import {
  as,
  by,
  call,
  either,
  fixed,
  free,
  list,
  object,
  opaque,
  result,
  said,
  setting,
  settings,
  text,
} from "../shape/shapes.ts";
import type { Shape } from "../shape/walk.ts";

const common = settings("type id status");

const part = by("type", {
  input_text: object({ type: setting, text: said }),
  output_text: object({ type: setting, text: said, annotations: free, logprobs: setting }),
  text: object({ type: setting, text: said }),
  summary_text: object({ type: setting, text: fixed(text) }),
  reasoning_text: object({ type: setting, text: fixed(text) }),
  refusal: object({ type: setting, refusal: text }),
  input_image: object({ type: setting, image_url: text, file_id: setting, detail: setting }),
  input_file: object({ type: setting, file_data: text, file_url: text, file_id: setting, filename: text }),
  input_audio: object({ type: setting, input_audio: free }),
});

const content = either(said, list(part));

const message = by(
  "role",
  {
    user: as("person", object({ ...common, role: setting, content })),
    assistant: as("assistant", object({ ...common, role: setting, content, phase: setting, end_turn: setting })),
    system: as("system", object({ ...common, role: setting, content })),
    developer: as("system", object({ ...common, role: setting, content })),
  },
  "role",
);

const asked = (fields: Readonly<Record<string, Shape>>): Shape =>
  call({ id: "call_id" }, object({ ...common, call_id: setting, name: setting, namespace: setting, ...fields }));

const answered = (fields: Readonly<Record<string, Shape>>): Shape =>
  result(
    { id: "call_id" },
    object({ ...common, call_id: setting, name: setting, max_output_length: setting, ...fields }),
  );

const output = either(text, list(part));

/** Whatever else it is: the vendor's own tools, whose results are as rich as they like. */
const other = (role: "call" | "result"): Shape => as(role, free);

const items: Readonly<Record<string, Shape>> = {
  message,
  function_call: asked({ arguments: text }),
  function_call_output: answered({ output }),
  custom_tool_call: asked({ input: text }),
  custom_tool_call_output: answered({ output }),
  local_shell_call: asked({ action: free }),
  local_shell_call_output: answered({ output: text }),
  shell_call: asked({ action: free, environment: free }),
  shell_call_output: answered({ output: free }),
  apply_patch_call: asked({ operation: free }),
  apply_patch_call_output: answered({ output: text }),
  reasoning: as(
    "assistant",
    object({ ...common, summary: list(part), content: list(part), encrypted_content: opaque }),
  ),
  compaction: as("assistant", object({ ...common, encrypted_content: opaque, summary: fixed(free) })),
  compaction_trigger: object(common),
  item_reference: object(common),
  program: asked({ code: text, fingerprint: opaque }),
  program_output: answered({ result: text, output: text }),
  tool_search_call: other("call"),
  tool_search_output: other("result"),
  web_search_call: other("call"),
  file_search_call: other("result"),
  computer_call: other("call"),
  computer_call_output: other("result"),
  image_generation_call: other("result"),
  code_interpreter_call: other("call"),
  mcp_list_tools: as("description", free),
  mcp_approval_request: other("call"),
  mcp_approval_response: other("result"),
  mcp_call: other("result"),
};

const tool: Shape = as(
  "description",
  by(
    "type",
    {
      function: object({
        ...common,
        name: text,
        description: text,
        parameters: free,
        strict: setting,
        output_schema: free,
        ...settings("defer_loading"),
      }),
      custom: object({ ...common, name: text, description: text, format: free, ...settings("defer_loading") }),
      namespace: object({ ...common, name: text, description: text, tools: free }),
      ...Object.fromEntries(
        "web_search web_search_preview file_search computer computer_use_preview code_interpreter image_generation local_shell shell apply_patch mcp tool_search"
          .split(" ")
          .map((name) => [name, free]),
      ),
    },
    "type",
  ),
);

const body: Readonly<Record<string, Shape>> = {
  input: either(as("person", said), list(by("type", items, "type", message))),
  instructions: as("system", text),
  tools: list(tool),
  prompt: free,
  metadata: free,
  client_metadata: free,
  text: free,
  user: setting,
  ...settings(
    "model stream stream_options store background include previous_response_id conversation truncation service_tier",
  ),
  ...settings(
    "max_output_tokens max_tool_calls parallel_tool_calls tool_choice reasoning temperature top_p top_logprobs",
  ),
  ...settings(
    "prompt_cache_key prompt_cache_retention prompt_cache_options safety_identifier context_management moderation",
  ),
};

export const responsesRequest: Shape = object(body);

/** A message of the WebSocket, by its `type`. */
export const responsesMessage: Shape = by("type", {
  "response.create": object({ ...body, type: setting, stream_id: setting, generate: setting, event_id: setting }),
  "response.steer": object({ ...body, type: setting, stream_id: setting, response_id: setting, event_id: setting }),
  "response.cancel": object(settings("type stream_id response_id event_id")),
});
