// What came in from outside, and where it stands again: texts of replies, files of dependencies. Part of the inspector's thread. A text is
// looked at once: what was said before something came in did not come from there, so a conversation's own words that somebody
// outside repeats are not marked. Everything here is *attacker-controlled*, and bounded (inspection/untrusted/limits.ts).

import type { Entered, Incoming, Untrusted, UntrustedKind, UntrustedSpan } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import { Again } from "../../inspection/again.ts";
import { seekCovert } from "../../inspection/covert/seek.ts";
import { Growing, type TakeBack } from "../../inspection/growing.ts";
import { openRemembered } from "../../inspection/remembered.ts";
import { keyHashes } from "../../inspection/source/keyed.ts";
import { addPublic, isPublic, openPublic } from "../../inspection/source/known-public.ts";
import { asRead } from "../../inspection/source/octets.ts";
import { levelsOf } from "../../inspection/untrusted/levels.ts";
import * as limits from "../../inspection/untrusted/limits.ts";
import { openOutside } from "../../inspection/untrusted/outside.ts";
import { decode } from "./incoming-decoding.ts";

export interface IncomingDesk {
  readonly enter: (incoming: Incoming) => Entered;
  readonly take: (told: IncomingTold) => void;
  /** `conversation`: its bodies begin with the same spans. */
  readonly look: (spans: readonly Span[], conversation: string) => Untrusted;
}

/** What a reader tells of it, file by file. */
export type IncomingTold =
  /** `group`: the package's directory. `code`: no document. */
  | {
      readonly kind: "dependency";
      readonly path: string;
      readonly group: string;
      readonly code: boolean;
      readonly octets: Uint8Array;
    }
  | { readonly kind: "dependency gone"; readonly path: string; readonly group: string }
  /** Passages of it are one's own, and so no evidence. */
  | { readonly kind: "own"; readonly passages: Uint32Array }
  /** Dependencies are read to the end; so many files were not. */
  | { readonly kind: "dependencies"; readonly unread: number };

const kinds: ReadonlySet<string> = new Set<IncomingTold["kind"]>([
  "dependency",
  "dependency gone",
  "own",
  "dependencies",
]);
export const isIncoming = (told: { readonly kind: string }): told is IncomingTold => kinds.has(told.kind);

export interface IncomingOptions {
  /** 32 octets. */
  readonly key: Uint8Array;
  readonly hash: (text: string) => string;
  /** What is written in a text in other codings. */
  readonly open: (text: string) => readonly string[];
  /** Stands this passage in a file of one's own? */
  readonly isOwn: (hash: number) => boolean;
}

interface Found {
  readonly kind: UntrustedKind;
  readonly source: string;
  readonly characters: number;
}

interface Looked {
  readonly network: readonly Found[];
  dependencies: readonly Found[];
  /** Changes of the dependencies that had been seen. */
  seen: number;
}

/** Spans told one by one; all are counted. */
const most = 200;

/** Of a body, as far as it was gone through. */
interface Marked {
  marked: number;
  readonly counts: { dependency: number; mcp: number; network: number };
  readonly found: UntrustedSpan[];
}

const begin = (): Marked => ({ marked: 0, counts: { dependency: 0, mcp: 0, network: 0 }, found: [] });
/** Texts whose answers are remembered, as of source. */
const remembered = 50_000;
/** Characters: a shorter text has no sentence in it. */
const shortest = limits.evidence.text.octets;
const nothing: readonly Found[] = [];
const short: Looked = { network: nothing, dependencies: nothing, seen: 0 };

export function openIncoming(options: IncomingOptions): IncomingDesk {
  return new Knowing(options);
}

class Knowing implements IncomingDesk {
  readonly #options: IncomingOptions;
  readonly #keyed;
  readonly #network;
  readonly #dependencies;
  readonly #own = openPublic();
  readonly #known = openRemembered<Looked>(remembered);
  /** To spans that were in the body before: their texts need not be made and hashed again. */
  readonly #again = new Again<Looked>();
  readonly #growing = new Growing<Marked>({ begin, add: (...added) => this.#add(...added) });
  readonly #isOwn: (hash: number) => boolean;
  #changes = 0;
  #missed = 0;
  #unread = 0;
  #whole = false;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#keyed = keyHashes(options.key);
    this.#network = openOutside(this.#keyed, {
      places: limits.networkPlaces,
      octets: limits.networkOctets,
      full: "oldest",
    });
    this.#dependencies = openOutside(this.#keyed, {
      places: limits.dependencyPlaces,
      octets: limits.dependencyOctets,
      full: "refuse",
    });
    this.#isOwn = (hash) => isPublic(this.#own.pieces, hash) || options.isOwn(hash);
  }

  enter({ host, kind, coding, octets, cut }: Incoming): Entered {
    const decoded = decode(octets, coding);
    // a NUL: pictures, archives, and no text
    if (decoded === undefined || asRead(decoded).subarray(0, 8_192).includes(0)) {
      const missed = decoded === undefined ? 1 : 0;
      this.#missed += missed;
      return { octets: 0, covert: [], missed };
    }
    const text = Buffer.from(asRead(decoded));
    // one prefix, and no host is written so: what an MCP server says is told from a page of the same host
    const group = `${kind} ${host}`;
    const missed = !this.#network.put({ name: group, group, octets: text }) || cut ? 1 : 0;
    this.#missed += missed;
    const looked = text.subarray(0, limits.textOctets);
    return { octets: looked.length, covert: covertIn(looked), missed };
  }

  take(told: IncomingTold): void {
    if (told.kind === "own") for (const hash of told.passages) addPublic(this.#own, hash);
    else if (told.kind === "dependencies") [this.#unread, this.#whole] = [told.unread, true];
    else this.#takeDependency(told);
  }

  #takeDependency(told: Extract<IncomingTold, { readonly group: string }>): void {
    this.#changes += 1;
    this.#growing.clear();
    const { group, path: name } = told;
    if (told.kind === "dependency gone") this.#dependencies.remove(group, name);
    else if (!this.#dependencies.put({ group, name, octets: asRead(told.octets), code: told.code }, true))
      this.#missed += 1;
  }

  look(spans: readonly Span[], conversation: string): Untrusted {
    this.#again.begin(spans, conversation);
    const { marked, counts, found } = this.#growing.over(spans, conversation);
    return {
      spans: marked,
      counts: { ...counts },
      found: [...found],
      missed: this.#missed + this.#unread,
      whole: this.#whole,
    };
  }

  #add(state: Marked, span: Span, nth: number): TakeBack | undefined {
    const { network, dependencies } = this.#lookAgain(nth, span);
    if (network.length + dependencies.length === 0) return undefined;
    const { role, path } = span;
    const { counts, found } = state;
    const before = found.length;
    const kinds = new Set([...network, ...dependencies].map((one) => one.kind));
    state.marked += 1;
    for (const kind of kinds) counts[kind] += 1;
    for (const one of [...network, ...dependencies]) if (found.length < most) found.push({ ...one, role, path });
    return () => {
      state.marked -= 1;
      for (const kind of kinds) counts[kind] -= 1;
      found.length = before;
    };
  }

  #lookAgain(nth: number, span: Span): Looked {
    const again = this.#again.get(nth);
    if (again !== undefined && (again === short || again.seen === this.#changes)) return this.#again.set(nth, again);
    const { text } = span;
    return this.#again.set(nth, text.length < shortest ? short : this.#lookAt(text));
  }

  #lookAt(text: string): Looked {
    const name = this.#options.hash(text);
    const before = this.#known.get(name);
    if (before !== undefined && before.seen === this.#changes) return before;
    const isNothing = this.#network.size().texts + this.#dependencies.size().texts === 0;
    const texts = isNothing ? [] : [text, ...this.#options.open(text)];
    const dependencies = nothingOr(texts.flatMap((each) => this.#findDependencies(each)));
    if (before !== undefined) {
      [before.dependencies, before.seen] = [dependencies, this.#changes];
      return before;
    }
    const network = nothingOr(texts.flatMap((each) => this.#findNetwork(each)));
    const looked = { network, dependencies, seen: this.#changes };
    this.#known.set(name, looked);
    return looked;
  }

  #findNetwork(text: string): Found[] {
    return this.#network.find(text, this.#isOwn).map(({ name, characters }) => {
      const [kind, source = ""] = name.split(" ");
      return { kind: kind === "mcp" ? "mcp" : "network", source, characters };
    });
  }

  #findDependencies(text: string): Found[] {
    const all = this.#dependencies.find(text, this.#isOwn);
    return all.map(({ name, characters }) => ({ kind: "dependency", source: name, characters }));
  }
}

/** Also where it is written as JSON writes it for readers of ASCII. */
function covertIn(text: Buffer): Entered["covert"] {
  const bits = new Map<string, number>();
  // unescaping marks where a string begins and ends (inspection/source/unescape.ts)
  for (const level of levelsOf(text))
    for (const hit of seekCovert(Buffer.from(level).toString().replaceAll("\0", "")))
      bits.set(hit.kind, Math.max(bits.get(hit.kind) ?? 0, hit.bits));
  return [...bits].map(([label, most]) => ({ label, bits: most }));
}

/** One list for all that hold nothing: nearly every text. */
function nothingOr(found: readonly Found[]): readonly Found[] {
  if (found.length < 2) return found.length === 0 ? nothing : found;
  // what is within another coding may be seen from outside as well
  const bySource = new Map<string, Found>();
  for (const one of found) {
    const key = `${one.kind} ${one.source}`;
    if ((bySource.get(key)?.characters ?? 0) < one.characters) bySource.set(key, one);
  }
  return [...bySource.values()];
}
