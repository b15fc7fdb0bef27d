// Whoever opens texts for several seekers: what was opened for one is not opened again for the next.

import { type Inflate, type Opening, openAll } from "./open.ts";

export type OpenText = (text: string) => Opening;

/** Characters of texts of which it is remembered what is within them: of one request, as most are. */
const remembered = 1_000_000;

export function openOpener(inflate: Inflate, most = remembered): OpenText {
  const known = new Map<string, Opening>();
  let size = 0;
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const opening = openAll(text, inflate);
    if (size + text.length > most) {
      known.clear();
      size = 0;
    }
    if (text.length > most) return opening;
    known.set(text, opening);
    size += text.length;
    return opening;
  };
}
