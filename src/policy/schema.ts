// The policy file's shape for editors, and for the faults that take their examples from it.

import { z } from "zod";
import { policyFile } from "./schema/file.ts";

/** The file's JSON Schema (draft 2020-12), for editors. */
export function jsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(policyFile, { io: "input" }) };
}
