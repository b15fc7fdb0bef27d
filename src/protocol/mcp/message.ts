// Messages of the Model Context Protocol over streamable HTTP (revision 2025-11-25; JSON-RPC 2.0), from the client to a server: a
// call's arguments go there as they are, and answers to what the server asked of the client.

import { as, call, free, object, setting, text } from "../shape/shapes.ts";
import type { Shape } from "../shape/walk.ts";

const params: Readonly<Record<string, Shape>> = {
  "tools/call": call({ id: "name" }, object({ name: setting, arguments: free, _meta: free, task: setting })),
  "prompts/get": as("call", object({ name: setting, arguments: free, _meta: free })),
  "resources/read": as("call", object({ uri: text, _meta: free })),
  "resources/subscribe": as("call", object({ uri: text, _meta: free })),
  "resources/unsubscribe": as("call", object({ uri: text, _meta: free })),
  "completion/complete": as("call", free),
  "logging/setLevel": setting,
  initialize: free,
};

/** One message; a batch was taken out of the protocol in 2025-06-18, and is an array of them. */
export const clientMessage: Shape = (walk, node, at) => {
  const method = walk.tree.stringIn(node, "method");
  const inner =
    method === undefined ? free : (paramsOf(method) ?? (method.startsWith("notifications/") ? free : unknown));
  object({ jsonrpc: setting, id: setting, method: setting, params: inner, result: as("result", free), error: free })(
    walk,
    node,
    at,
  );
};

const unknown: Shape = (walk, node, at) => walk.strange("type", node, at);

const paramsOf = (method: string): Shape | undefined => (Object.hasOwn(params, method) ? params[method] : undefined);
