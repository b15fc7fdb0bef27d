// Which replies are looked at as what comes in from outside, and how they are handed on: all but a model's own, those of a login, and
// of hosts that the policy trusts. A server that says much is looked at so far, and no further: each host, and all of them, have so
// many octets in a while, so that a flood neither holds up the inspector nor pushes out what others said.

import type { Host } from "../domain/brand.ts";
import type { Collect, Collecting, Enter, Entered, Incoming, ReplyFacts } from "../domain/inspection.ts";
import { matchesPath } from "../policy/glob.ts";
import { coversHost } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";

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
  const hosts = new Map<Host, Budget>();
  const budgetOf = (host: Host): Budget => {
    const known = hosts.get(host) ?? openBudget(incomingBounds.host, clock);
    if (hosts.size < incomingBounds.hosts) hosts.set(host, known);
    return known;
  };
  return (facts) => {
    if (!isLookedAt(rules, facts)) return undefined;
    const own = budgetOf(facts.host);
    const mayTake = (octets: number): boolean =>
      own.has(octets) && all.has(octets) && own.take(octets) && all.take(octets);
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
  readonly #seen: Promise<Entered | undefined>[] = [];
  #pieces: Buffer[] = [];
  #size = 0;
  #cut = false;
  #over = false;

  constructor(facts: ReplyFacts, hand: Hand) {
    this.#facts = facts;
    this.#hand = hand;
    this.#streams = /^text\/event-stream\b/i.test(facts.mediaType) && facts.coding === "";
  }

  push(chunk: Buffer): void {
    if (this.#over) return;
    const room = incomingBounds.reply - this.#size;
    if (chunk.length > room) this.#cut = true;
    if (room <= 0) return;
    this.#pieces.push(Buffer.from(chunk.subarray(0, room)));
    this.#size += Math.min(room, chunk.length);
    if (this.#streams && (this.#cut || endsEvent(chunk))) this.#handOn();
  }

  async end(): Promise<Entered> {
    if (!this.#over && this.#size > 0) this.#handOn();
    this.#over = true;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late = setTimeout(() => resolve(undefined), incomingBounds.patience);
    const seen = await Promise.race([Promise.all(this.#seen), promise]);
    clearTimeout(late);
    const all = (seen ?? [flood]).filter((one) => one !== undefined);
    const sum = (of: (one: Entered) => number): number => all.reduce((total, one) => total + of(one), 0);
    return {
      octets: sum(({ octets }) => octets),
      covert: all.flatMap(({ covert }) => covert),
      missed: sum(({ missed }) => missed),
    };
  }

  #handOn(): void {
    const { host, protocol, coding } = this.#facts;
    const octets = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    if (this.#seen.length >= mostEvents) void this.#seen.shift();
    this.#seen.push(this.#hand({ host, kind: protocol === "mcp" ? "mcp" : "network", coding, octets, cut: this.#cut }));
    this.#cut = false;
  }
}

/** Of a stream, whose answers are waited for. */
const mostEvents = 1_000;
const newline = 10;

/** An empty line ends an event; one that is cut in two is handed on with the next. */
const endsEvent = (chunk: Buffer): boolean => {
  const [last, before] = [chunk.at(-1), chunk.at(-2)];
  return last === newline && (before === newline || before === 13);
};
