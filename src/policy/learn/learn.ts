// What sessions did, and the words under which they ran → the narrowest policy that explains it, as text. Refuses a text that
// would be no valid policy: what is printed here is used.

import { parsePolicy } from "../document.ts";
import type { PolicyFault } from "../fault.ts";
import type { Background } from "./background.ts";
import { gather } from "./gather.ts";
import type { Lesson } from "./lesson.ts";
import type { Seen } from "./seen.ts";
import { writeLearned } from "./write.ts";

export type Learned =
  | { readonly ok: true; readonly text: string; readonly lesson: Lesson }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

export function learnPolicy(seen: Iterable<Seen>, background: Background): Learned {
  const lesson = gather(seen);
  const text = writeLearned(lesson, background);
  const parsed = parsePolicy(Buffer.from(text), "the learned policy");
  return parsed.ok ? { ok: true, text, lesson } : parsed;
}
