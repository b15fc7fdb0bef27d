// Amazon Bedrock, requests of `/converse` and `/converse-stream`. Fields as in the vendor's own SDK package
// (@aws-sdk/client-bedrock-runtime 3.1162.0). What `/invoke` carries is the model maker's own body.

import { as, by, call, free, list, media, object, opaque, result, said, setting, text } from "../shape/shapes.ts";
import type { Shape } from "../shape/walk.ts";

const source = object({ bytes: media, s3Location: setting, text, content: free });
const inner: Readonly<Record<string, Shape>> = {
  text,
  json: free,
  image: object({ format: setting, source }),
  document: object({ format: setting, name: text, source, context: text, citations: setting }),
  video: object({ format: setting, source }),
  searchResult: free,
};

const block = object({
  ...inner,
  text: said,
  audio: free,
  toolUse: call({ id: "toolUseId" }, object({ toolUseId: setting, name: setting, input: free, type: setting })),
  toolResult: result(
    { id: "toolUseId" },
    object({ toolUseId: setting, content: list(object(inner)), status: setting, type: setting }),
  ),
  reasoningContent: as(
    "assistant",
    object({ reasoningText: object({ text, signature: opaque }), redactedContent: opaque }),
  ),
  guardContent: free,
  cachePoint: setting,
  citationsContent: free,
  toolAddition: as("description", free),
  toolRemoval: as("description", free),
});

const message = by(
  "role",
  {
    user: as("person", object({ role: setting, content: list(block) })),
    assistant: as("assistant", object({ role: setting, content: list(block) })),
    system: as("system", object({ role: setting, content: list(block) })),
  },
  "role",
);

const tool = as(
  "description",
  object({
    toolSpec: object({ name: text, description: text, inputSchema: free, strict: setting }),
    systemTool: free,
    cachePoint: setting,
  }),
);

export const converseRequest: Shape = object({
  modelId: setting,
  messages: list(message),
  system: as("system", list(block)),
  toolConfig: object({ tools: list(tool), toolChoice: setting }),
  inferenceConfig: setting,
  guardrailConfig: setting,
  additionalModelRequestFields: free,
  additionalModelResponseFieldPaths: setting,
  promptVariables: free,
  requestMetadata: free,
  performanceConfig: setting,
  serviceTier: setting,
  outputConfig: free,
});
