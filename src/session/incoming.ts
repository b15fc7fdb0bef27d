// Which replies are looked at as what comes in from outside, and how they are handed on: all but a model's own, those of a login, and
// of hosts that the policy trusts. A server that says much is looked at so far, and no further: each host, and all of them, have so
// many octets in a while, so that a flood neither holds up the inspector nor pushes out what others said.

import type { Host } from "../domain/brand.ts";
import type { Collect, Collecting, Enter, Entered, Incoming, ReplyFacts } from "../domain/inspection.ts";
import { Pieces } from "../domain/pieces.ts";
import { matchesPath } from "../policy/glob.ts";
import { coversHost } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { Seen } from "./incoming-seen.ts";

export const incomingBounds = {
  /** Octets of one reply, as they come. */
  reply: 2 ** 20,
  /** Octets at once, and again in each second: of one host, and of all. */
  host: { most: 4 * 2 ** 20, second: 256 * 1024 },
  all: { most: 8 * 2 ** 20, second: 2 ** 20 },
  /** Hosts that are told apart. */
  hosts: 1_000,
  /** Milliseconds that a reply's entry waits for what was seen in it. */
  patience: 2_000,
} as const;

/** More than is looked at. */
const flood: Entered = { octets: 0, covert: [], missed: 1 };

type Rules = Pick<Policy, "purposes" | "trusted">;

export function openCollect(rules: Rules, enter: Enter, clock = () => performance.now()): Collect {
  const all = openBudget(incomingBounds.all, clock);
  const budgetOf = openBudgets(clock);
  return (facts) => {
    if (!isLookedAt(rules, facts)) return undefined;
    const mayTake = (octets: number): boolean => {
      const own = budgetOf(facts.host);
      return own.has(octets) && all.has(octets) && own.take(octets) && all.take(octets);
    };
    return new Gathering(facts, async (incoming) => (mayTake(incoming.octets.length) ? enter(incoming) : flood));
  };
}

function isLookedAt({ purposes, trusted }: Rules, { host, path, purpose, protocol }: ReplyFacts): boolean {
  if (purpose === "inference" || purpose === "login" || isModels(protocol)) return false;
  if (trusted?.hosts.some(({ pattern }) => coversHost(pattern, host)) === true) return false;
  return !purposes.some(
    (known) =>
      (known.purpose === "inference" || known.purpose === "login") &&
      coversHost(known.host, host) &&
      (known.paths === undefined || known.paths.some((glob) => matchesPath(glob, path))),
  );
}

/** A conversation with a model was asked for there. */
const isModels = (protocol: string): boolean => protocol !== "unknown" && protocol !== "mcp";

interface Budget {
  readonly has: (octets: number) => boolean;
  readonly take: (octets: number) => true;
}

/** By host. One that may take all again is as one that never said anything; where none is, whoever comes shares one with others. */
function openBudgets(clock: () => number): (host: Host) => Budget {
  const { host: bounds, hosts: most } = incomingBounds;
  const hosts = new Map<Host, Budget>();
  const others = openBudget(bounds, clock);
  return (host) => {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    if (hosts.size >= most) for (const [name, { has }] of hosts) if (has(bounds.most)) hosts.delete(name);
    if (hosts.size >= most) return others;
    const budget = openBudget(bounds, clock);
    hosts.set(host, budget);
    return budget;
  };
}

function openBudget({ most, second }: { readonly most: number; readonly second: number }, clock: () => number): Budget {
  let [left, since] = [most, clock()];
  return {
    has: (octets) => {
      const now = clock();
      left = Math.min(most, left + ((now - since) / 1_000) * second);
      since = now;
      return left >= octets;
    },
    take: (octets) => {
      left -= octets;
      return true;
    },
  };
}

type Hand = (incoming: Incoming) => Promise<Entered | undefined>;

class Gathering implements Collecting {
  readonly #facts: ReplyFacts;
  readonly #hand: Hand;
  /** Events of a stream are handed on one by one: the tool says them again long before it ends. */
  readonly #streams: boolean;
  readonly #seen = new Seen();
  readonly #pieces = new Pieces();
  #size = 0;
  #cut = false;

  constructor(facts: ReplyFacts, hand: Hand) {
    this.#facts = facts;
    this.#hand = hand;
    this.#streams = /^text\/event-stream\b/i.test(facts.mediaType) && facts.coding === "";
  }

  push(chunk: Buffer): void {
    const room = incomingBounds.reply - this.#size;
    if (chunk.length > room) this.#cut = true;
    this.#pieces.add(Buffer.from(chunk.subarray(0, room)));
    this.#size += Math.min(room, chunk.length);
    if (!this.#streams) return;
    const isEvent = endsEvent(chunk);
    // an event that is longer is handed on in parts
    if (!isEvent && this.#size === incomingBounds.reply) this.#cut = true;
    if (isEvent || this.#cut) this.#handOn();
  }

  end(): Promise<Entered> {
    if (this.#size > 0) this.#handOn();
    return this.#seen.all(incomingBounds.patience);
  }

  #handOn(): void {
    const { host, protocol, coding } = this.#facts;
    const octets = Buffer.concat(this.#pieces.all);
    this.#pieces.clear();
    this.#size = 0;
    void this.#seen.add(
      this.#hand({ host, kind: protocol === "mcp" ? "mcp" : "network", coding, octets, cut: this.#cut }),
    );
    this.#cut = false;
  }
}

const newline = 10;

/** An empty line ends an event; one that is cut in two is handed on with the next. */
const endsEvent = (chunk: Buffer): boolean => {
  const [last, before] = [chunk.at(-1), chunk.at(-2)];
  return last === newline && (before === newline || before === 13);
};
