// What both OpenAI dialects share: the shape of an error, the list of models.

import { created, type Wrong } from "./dialect.ts";
import type { JsonObject } from "./json.ts";

const codes: Readonly<Record<Wrong, { readonly type: string; readonly code: string | null }>> = {
  key: { type: "invalid_request_error", code: "invalid_api_key" },
  request: { type: "invalid_request_error", code: null },
  missing: { type: "invalid_request_error", code: "unknown_url" },
  busy: { type: "server_error", code: null },
};

export function openaiError(wrong: Wrong, message: string): JsonObject {
  return { error: { message, ...codes[wrong], param: null } };
}

export function openaiModels(names: readonly string[]): JsonObject {
  return { object: "list", data: names.map((id) => ({ id, object: "model", created, owned_by: "postern" })) };
}
