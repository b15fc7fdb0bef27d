// Names nobody granted: each entered once a session, bounded, the rest counted; and how many of them may take an address.

import type { Host } from "../../domain/brand.ts";
import type { Attribution } from "../../domain/exchange.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { conceal, sealAttribution } from "../conceal.ts";
import type { NamesParts } from "./questions.ts";

type Attribute = () => Promise<Attribution>;

export interface Strangers {
  /** `asked` as on the wire; `verdict` undefined where it is no name at all. */
  readonly note: (asked: string, verdict: Verdict | undefined, attribute: Attribute) => void;
  /** May this name have an address? */
  readonly admits: (name: Host, granted: boolean) => boolean;
  readonly exhausted: (attribute: Attribute) => void;
  readonly close: () => void;
}

export function openStrangers(parts: NamesParts): Strangers {
  const entered = new Set<string>();
  let overflow = 0;
  let full = false;
  return {
    note: (asked, verdict, attribute) => {
      const key = asked.toLowerCase();
      if (entered.has(key)) return;
      parts.tally.count("namesRefused");
      if (entered.size >= parts.limits.nameEntries) {
        overflow += 1;
        return;
      }
      entered.add(key);
      void record(parts, asked, { verdict, attribute });
    },
    admits: admission(parts),
    exhausted: (attribute) => {
      if (full) return;
      full = true;
      void recordExhausted(parts, attribute);
    },
    close: () => {
      if (overflow === 0) return;
      parts.recorder.note({ kind: "name", verdict: "refuse", rule: "gateway:names-overflow", counts: { overflow } });
    },
  };
}

function admission(parts: NamesParts): Strangers["admits"] {
  const given = new Set<Host>();
  let strangers = 0;
  return (name, granted) => {
    if (given.has(name)) return true;
    if (given.size >= parts.limits.names) return false;
    // a name known from an earlier session costs the pool nothing
    if (!granted && !parts.addresses.knows(name)) {
      if (strangers >= parts.limits.strangers) return false;
      strangers += 1;
    }
    given.add(name);
    return true;
  };
}

interface Context {
  readonly verdict: Verdict | undefined;
  readonly attribute: Attribute;
}

async function record(parts: NamesParts, asked: string, context: Context): Promise<void> {
  const rule = context.verdict?.rule ?? "gateway:no-name";
  const reason = context.verdict?.reason ?? "not a name that could be reached";
  const name = conceal(parts.seek, asked);
  parts.tally.emit({ kind: "name", name, rule });
  const process = await sealAttribution(context.attribute);
  parts.recorder.note({ kind: "name", verdict: "refuse", rule, sealed: { name, reason, process } });
}

async function recordExhausted(parts: NamesParts, attribute: Attribute): Promise<void> {
  const process = await sealAttribution(attribute);
  const reason = "no synthetic address is left for a further name";
  parts.recorder.note({
    kind: "name",
    verdict: "refuse",
    rule: "gateway:names-exhausted",
    sealed: { reason, process },
  });
}
