// A span to test with, of which nothing counts but its text and that it is itself.

import type { Span } from "../domain/span.ts";

export const spanOf = (text: string): Span => ({
  role: "person",
  kind: "text",
  place: { from: 0, to: text.length, escaped: false },
  text,
  path: "",
  fixed: false,
});
