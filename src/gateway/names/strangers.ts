// Names nobody granted: each entered once a session, bounded, the rest counted; and how many of them may take an address.

import type { Host } from "../../domain/brand.ts";
import type { Datagram } from "../../domain/door.ts";
import type { Verdict } from "../../domain/verdict.ts";
import { conceal, sealAttribution } from "../conceal.ts";
import type { NamesParts } from "./questions.ts";

/** Who asks, and whom: a resolver the tool chose by itself is worth an entry of its own. */
export type Asker = Pick<Datagram, "destination" | "attribute">;

export interface Strangers {
  /** `asked` as on the wire; `verdict` undefined where it is no name at all. */
  readonly note: (asked: string, verdict: Verdict | undefined, asker: Asker) => void;
  /** What came to port 53 and is no question: once for each place it was aimed at. */
  readonly odd: (asker: Asker) => void;
  /** May this name have an address? */
  readonly admits: (name: Host, granted: boolean) => boolean;
  readonly exhausted: (asker: Asker) => void;
  readonly close: () => void;
}

export function openStrangers(parts: NamesParts): Strangers {
  const entered = new Set<string>();
  let overflow = 0;
  let full = false;
  /** True once for each key, as long as there is room. */
  const first = (key: string): boolean => {
    if (entered.has(key)) return false;
    parts.tally.count("namesRefused");
    if (entered.size >= parts.limits.nameEntries) {
      overflow += 1;
      return false;
    }
    entered.add(key);
    return true;
  };
  return {
    note: (asked, verdict, asker) => {
      if (first(`${place(asker)} ${asked.toLowerCase()}`)) void recordName(parts, asked, { verdict, asker });
    },
    odd: (asker) => {
      if (!first(place(asker))) return;
      void record(parts, { rule: "gateway:no-question", reason: "not a question for a name", asker });
    },
    admits: admission(parts),
    exhausted: (asker) => {
      if (full) return;
      full = true;
      const reason = "no synthetic address is left for a further name";
      void record(parts, { rule: "gateway:names-exhausted", reason, asker });
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

const place = ({ destination }: Asker): string =>
  destination === undefined ? "" : `${destination.ip} ${destination.port}`;

interface Context {
  readonly verdict: Verdict | undefined;
  readonly asker: Asker;
}

function recordName(parts: NamesParts, asked: string, { verdict, asker }: Context): Promise<void> {
  const rule = verdict?.rule ?? "gateway:no-name";
  // the reason tells the name again
  const reason = conceal(parts.seek, verdict?.reason ?? "not a name that could be reached");
  const name = conceal(parts.seek, asked);
  parts.tally.emit({ kind: "name", name, rule });
  return record(parts, { rule, reason, name, asker });
}

interface Refused {
  readonly rule: string;
  readonly reason: string;
  readonly name?: string;
  readonly asker: Asker;
}

async function record(parts: NamesParts, { rule, reason, name, asker }: Refused): Promise<void> {
  const { destination } = asker;
  const process = await parts.recorder.expect(sealAttribution(asker.attribute));
  parts.recorder.note({ kind: "name", verdict: "refuse", rule, sealed: { name, reason, destination, process } });
}
