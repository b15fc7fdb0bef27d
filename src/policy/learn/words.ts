// Attacker-controlled text → what may stand in a policy's text: one line, printable ASCII, bounded, in quotes that it cannot
// leave. Inside of a comment the quotes say where the tool's words end and ours begin.

import { visible } from "../fault.ts";
import type { Told } from "./tally.ts";

/** Longest of a tool's own words in a comment. */
const longest = 100;

/** A double-quoted scalar, for YAML and for a reader. Bounded by whoever calls. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[^\u0020-\u007e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A list on one line. Capitals alone would do for methods, but YAML has words of its own: NULL, TRUE. */
export function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(", ")}]`;
}

/** The same for a comment: cut, and without what may be a secret. */
export function cite(text: string): string {
  const shown = visible(text.slice(0, 4 * longest), longest);
  return quote(shown.replaceAll("…", "..."));
}

/** In a comment: `s-7Q4M2X9K entries 12-48, 9 times, 4821 bytes sent, by "/usr/bin/curl"`. */
export function sayTold({ count, bytes, spans, programs, others }: Told): string {
  const by = programs.map(cite);
  const who = [...by, ...(others ? [by.length === 0 ? "a process that was gone" : "others"] : [])].join(", ");
  const sent = bytes === 0 ? "" : `, ${bytes} bytes sent`;
  return `${saySpans(spans)}, ${times(count)}${sent}${who === "" ? "" : `, by ${who}`}`;
}

/** Without the programs, which stand above. */
export function sayBriefly({ count, bytes, spans }: Told): string {
  return `${saySpans(spans)}, ${times(count)}${bytes === 0 ? "" : `, ${bytes} bytes`}`;
}

function saySpans(spans: Told["spans"]): string {
  const shown = spans
    .slice(0, 2)
    .map(({ session, first, last }) => `${session} ${first === last ? `entry ${first}` : `entries ${first}-${last}`}`);
  const more = spans.length - shown.length;
  return `${shown.join(" and ")}${more > 0 ? ` and ${more} more sessions` : ""}`;
}

export function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
