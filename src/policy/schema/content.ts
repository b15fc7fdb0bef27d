// What may stand in a policy file of content: personal data by kind, and text that does not show.

import { z } from "zod";
import { personalActions, personalKinds } from "../../domain/content-rules.ts";

const action = z.enum(personalActions);

export const personalData = z.partialRecord(z.enum([...personalKinds, "default"]), action).meta({
  description:
    "By kind, or `default`: off, count, redact (a placeholder in its place) or refuse; count where nothing is said",
  examples: [{ default: "count", card: "redact", "us-ssn": "refuse" }],
});

export const covert = z.strictObject({
  "max-bits": z
    .int()
    .min(0)
    .max(1_000_000)
    .meta({
      description: "Bits that one request may carry in text that does not show; more is refused",
      examples: [64],
    })
    .optional(),
  normalise: z
    .boolean()
    .meta({
      description: "What does not show is taken out, letters of other scripts become what they look like",
      examples: [true],
    })
    .optional(),
});
