// A user's policy as text and one host → the text with a grant for it; comments, order and layout stay. Refuses a text
// that is no valid policy, and a grant that would make it one.

import { isMap, isSeq, parseDocument } from "yaml";
import { parsePolicy } from "./document.ts";
import type { PolicyFault } from "./fault.ts";
import { initialPolicy } from "./initial.ts";
import type { AllowEntry } from "./schema/file.ts";

export type Amended =
  /** `changed` is false where that very grant stood there already. */
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

export type AllowOptions = Omit<AllowEntry, "host" | "registry">;

/** Where there is no file yet, `text` is undefined and a first policy is begun. `file` names it in faults. */
export function allowHost(text: string | undefined, host: string, file: string, options: AllowOptions = {}): Amended {
  const before = text ?? initialPolicy();
  const valid = parsePolicy(Buffer.from(before), file);
  if (!valid.ok) return valid;
  const entry = { host, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
  const standing = valid.policy.value.network?.allow ?? [];
  if (standing.some((other) => same(other, entry))) return { ok: true, text: before, changed: false };
  const after = withEntry(before, entry);
  const checked = parsePolicy(Buffer.from(after), file);
  return checked.ok ? { ok: true, text: after, changed: true } : checked;
}

function same(a: object, b: object): boolean {
  const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)));
  return sorted(a) === sorted(b);
}

function withEntry(text: string, entry: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  if (!isMap(document.get("network", true))) document.set("network", document.createNode({}));
  const allow = document.getIn(["network", "allow"], true);
  if (!isSeq(allow)) document.setIn(["network", "allow"], document.createNode([entry]));
  else {
    if (allow.items.length === 0) allow.flow = false;
    allow.add(document.createNode(entry));
  }
  const network = document.get("network", true);
  if (isMap(network) && network.items.length === 1) network.flow = false;
  return document.toString({ lineWidth: 0 });
}
