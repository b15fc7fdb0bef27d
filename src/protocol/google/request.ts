// Gemini, requests: `:generateContent`, `:streamGenerateContent`, `:countTokens`, and the same one level deeper at `v1internal`, where
// the CLI goes after a login. Fields as in the vendor's own SDK package (@google/genai 2.32.0); both spellings of names are taken, as
// the vendor's JSON mapping of protocol buffers takes them.

import {
  as,
  by,
  call,
  either,
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
import type { Shape } from "../shape/walk.ts";

/** Each also with underscores. */
function fields(known: Readonly<Record<string, Shape>>): Shape {
  const other = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return object({
    ...Object.fromEntries(Object.entries(known).map(([name, shape]) => [other(name), shape])),
    ...known,
  });
}

const blob = fields({ mimeType: setting, data: media, displayName: text });
const file = fields({ mimeType: setting, fileUri: text, displayName: text });

const functionCall = call(
  { id: "id" },
  fields({ id: setting, name: setting, args: free, partialArgs: free, willContinue: setting }),
);
const functionResponse = result(
  { id: "id", name: ["name"] },
  fields({ id: setting, name: setting, response: free, parts: free, scheduling: setting, willContinue: setting }),
);

const part = fields({
  text: said,
  inlineData: blob,
  fileData: file,
  functionCall,
  functionResponse,
  executableCode: as("call", fields({ language: setting, code: text, id: setting })),
  codeExecutionResult: as("result", fields({ outcome: setting, output: text, id: setting })),
  toolCall: as("call", free),
  toolResponse: as("result", free),
  thought: setting,
  thoughtSignature: opaque,
  videoMetadata: setting,
  mediaResolution: setting,
  partMetadata: free,
});

const parts = list(part);

const content = by(
  "role",
  {
    user: as("person", fields({ role: setting, parts })),
    model: as("assistant", fields({ role: setting, parts })),
    function: as("result", fields({ role: setting, parts })),
    tool: as("result", fields({ role: setting, parts })),
    system: as("system", fields({ role: setting, parts })),
  },
  "role",
  as("person", fields({ role: setting, parts })),
);

const declaration = fields({
  name: text,
  description: text,
  parameters: free,
  parametersJsonSchema: free,
  response: free,
  responseJsonSchema: free,
  behavior: setting,
});

const tool: Shape = as(
  "description",
  fields({
    functionDeclarations: list(declaration),
    googleSearch: free,
    googleSearchRetrieval: free,
    urlContext: free,
    codeExecution: free,
    computerUse: free,
    fileSearch: free,
    googleMaps: free,
    mcpServers: free,
  }),
);

const generation: Readonly<Record<string, Shape>> = {
  model: setting,
  contents: either(as("person", said), list(content)),
  systemInstruction: as("system", either(text, fields({ role: setting, parts }))),
  tools: list(tool),
  toolConfig: setting,
  safetySettings: setting,
  generationConfig: free,
  cachedContent: setting,
  labels: free,
  serviceTier: setting,
  store: setting,
};

export const generateRequest: Shape = fields({ ...generation, generateContentRequest: fields(generation) });

/** Of `v1internal`. */
export const internalRequest: Shape = fields({
  model: setting,
  project: setting,
  userPromptId: setting,
  enabledCreditTypes: setting,
  request: fields({ ...generation, sessionId: setting }),
});
