// What of this machine's source a body holds: files come in from whoever reads them (reader.ts), texts are looked up in what has come
// so far. Part of the inspector's thread. Texts and files are *attacker-controlled*; look-ups are bounded (inspection/source/limits.ts).

import type { HashDisclosure, SourceDisclosure, Sources } from "../../domain/inspection.ts";
import type { Span } from "../../domain/span.ts";
import { Growing, type TakeBack } from "../../inspection/growing.ts";
import { openRemembered } from "../../inspection/remembered.ts";
import { type DigestFound, openDigests } from "../../inspection/source/digests.ts";
import { type FilledStore, openFingerprints, type SourceIndex } from "../../inspection/source/fingerprints.ts";
import { type Attribution, type Carried, lookUp } from "../../inspection/source/lookup.ts";
import type { LinesPrint, OmittedPrint, PublicPrint } from "../../inspection/source/print.ts";
import type { Reading } from "../../inspection/source/reading.ts";
import { ownerOf } from "../../inspection/source/shelf.ts";
import { collectLines } from "../../inspection/source/table.ts";
import { begin, type Gathered, type Gathering, gather, gatherHash } from "./gathered.ts";
import { openLabels, pathOf } from "./labels.ts";
import { joinRanges } from "./ranges.ts";

/** What a reader tells, file by file. */
export type Told =
  | {
      readonly kind: "file";
      /** Absolute, as the checkout has it. */
      readonly path: string;
      /** From the checkout. */
      readonly relative: string;
      /** Which kind of tree it is of. */
      readonly label: string;
      /** What the policy calls it. */
      readonly labels: readonly string[];
      /** It was there when all was read for the first time. */
      readonly first: boolean;
      /** Under the key of this desk. */
      readonly print: LinesPrint | OmittedPrint;
    }
  /** Before all others: files that an earlier session read, in an index of this desk's key that is filled with them. */
  | { readonly kind: "kept"; readonly filled: FilledStore; readonly files: readonly KeptFile[] }
  | { readonly kind: "gone"; readonly path: string }
  /** Passages of it are no evidence. */
  | { readonly kind: "public"; readonly print: PublicPrint }
  /** Nothing more is told: what changes from here on is not known. */
  | { readonly kind: "ended" }
  /** Before the first file: how many octets about will come. */
  | { readonly kind: "expected"; readonly octets: number }
  /** Whoever tells waits for a word that all before it is taken in. */
  | { readonly kind: "asked" }
  /** All there was is told; so many files could not be read or were too many. `read`: so often one was, since the session began. */
  | { readonly kind: "whole"; readonly unread: number; readonly read: number };

/** What of a file is not in the index. */
export interface KeptFile {
  readonly path: string;
  readonly relative: string;
  readonly label: string;
  readonly labels: readonly string[];
  readonly heads: Uint8Array;
}

export interface SourceDesk {
  readonly take: (told: Told) => void;
  /** Stands this passage, by its hash under the same key, in a file as it was when all was first read? */
  readonly holds: (hash: number) => boolean;
  /** `conversation`: its bodies begin with the same spans. */
  readonly look: (spans: readonly Span[], conversation: string) => Sources;
}

interface Looked {
  readonly found: readonly Attribution[];
  readonly carried: Carried;
  readonly hashes: readonly Omit<HashDisclosure, "labels">[];
}

/** Texts whose answers are remembered. */
const remembered = 50_000;
/** Shorter ones hold nothing that could be told from chance, alone or across a cut. */
const shortest = 16;

export interface SourceDeskOptions {
  /** 32 octets. */
  readonly key: Uint8Array;
  /** Of a text, under a key of the session's. */
  readonly hash: (text: string) => string;
  /** What is written in a text in other codings. */
  readonly open: (text: string) => readonly string[];
}

export function openSourceDesk(options: SourceDeskOptions): SourceDesk {
  return new Comparing(options);
}

class Comparing implements SourceDesk {
  readonly #options: SourceDeskOptions;
  #index: SourceIndex;
  readonly #digests = openDigests();
  readonly #known = openRemembered<Looked>(remembered);
  readonly #growing = new Growing<Gathered>({ begin, add: (state, span) => this.#add(state, span) });
  readonly #labels = openLabels();
  /** Files that came, or became something else, while the session ran: a tool may have written there what it read outside. */
  readonly #later = new Set<string>();
  readonly #lines = new Int32Array(32);
  #reading: Reading | undefined;
  /** In the index; undefined: not counted since something changed. */
  #files: number | undefined;
  #unread = 0;
  #whole = false;

  constructor(options: SourceDeskOptions) {
    this.#options = options;
    this.#index = openFingerprints({ key: options.key });
  }

  take(told: Told): void {
    if (told.kind === "asked") return;
    if (told.kind === "expected") {
      this.#expect(told.octets);
      return;
    }
    if (told.kind === "ended") {
      this.#whole = false;
      return;
    }
    if (told.kind === "whole") {
      [this.#unread, this.#whole] = [told.unread, true];
      return;
    }
    // what was looked up before may hold what has come now
    this.#known.clear();
    this.#growing.clear();
    this.#reading = undefined;
    this.#files = undefined;
    if (told.kind === "public") this.#index.putPrint({ path: "", label: "", weighty: false }, told.print);
    else if (told.kind === "kept") this.#takeKept(told);
    else if (told.kind === "gone") {
      this.#index.remove(told.path);
      this.#digests.remove(told.path);
      this.#labels.gone(told.path);
    } else {
      const path = this.#labels.come(told);
      if (!told.first) this.#later.add(path);
      const { label, print } = told;
      this.#index.putPrint({ path, label, weighty: told.labels.length > 0 }, print);
      this.#digests.put({ ...told, path, absolute: told.path, heads: print.heads });
    }
  }

  #takeKept({ filled, files }: Extract<Told, { kind: "kept" }>): void {
    this.#index = openFingerprints({ key: this.#options.key, filled });
    for (const file of files) {
      const path = this.#labels.come({ ...file, first: true });
      this.#digests.put({ ...file, path, absolute: file.path });
    }
  }

  /** Where something is in it, it stays as it is. */
  #expect(expected: number): void {
    const { files, known } = this.#index.size();
    if (files + known === 0) this.#index = openFingerprints({ key: this.#options.key, expected });
  }

  holds(hash: number): boolean {
    this.#reading ??= this.#index.reading();
    const { tables, pieces, files } = this.#reading;
    const count = collectLines(tables, hash, this.#lines);
    for (const line of this.#lines.subarray(0, count)) {
      const path = files[ownerOf(pieces, line)]?.path;
      if (path !== undefined && !this.#later.has(path)) return true;
    }
    return false;
  }

  look(spans: readonly Span[], conversation: string): Sources {
    const gathered = this.#growing.over(spans, conversation);
    this.#files ??= this.#index.size().files;
    return {
      lines: this.#told(gathered),
      hashes: [...gathered.hashes.values()],
      files: this.#files - this.#labels.kept(),
      unread: this.#unread,
      whole: this.#whole,
    };
  }

  #add(state: Gathered, span: Span): TakeBack | undefined {
    const { before, carried } = state;
    const goesOn = before?.role === span.role && before.kind === span.kind;
    const { text } = span;
    if (text.length < shortest) return undefined;
    const looked = this.#lookAt(text, goesOn ? carried : undefined);
    const back = [
      ...looked.found.map((found) => gather(state, span, found)),
      ...looked.hashes.map((found) =>
        gatherHash(state, { ...found, file: pathOf(found.file), labels: this.#labels.of([found.file]) }),
      ),
    ];
    [state.before, state.carried] = [span, looked.carried];
    if (back.length > 0) state.told = undefined;
    return () => {
      [state.before, state.carried] = [before, carried];
      if (back.length > 0) state.told = undefined;
      for (const takeBack of back.reverse()) takeBack();
    };
  }

  /** By file; once, of what nothing was added to. */
  #told(gathered: Gathered): readonly SourceDisclosure[] {
    gathered.told ??= [...gathered.lines.values()]
      .map((each) => this.#sum(each))
      .sort((a, b) => (a.file < b.file ? -1 : 1));
    return gathered.told;
  }

  #lookAt(text: string, carried: Carried | undefined): Looked {
    const { hash, open } = this.#options;
    const name = hash(text) + (carried === undefined ? "" : Buffer.from(carried).toString("latin1"));
    const before = this.#known.get(name);
    if (before !== undefined) return before;
    this.#reading ??= this.#index.reading();
    const reading = this.#reading;
    const outer = lookUp(reading, text, carried);
    const inner = open(text);
    const looked = {
      found: [...outer.found, ...inner.flatMap((each) => lookUp(reading, each).found)],
      carried: outer.carried,
      hashes: [text, ...inner].flatMap((each) => this.#digests.find(each)).map(withoutPlace),
    };
    this.#known.set(name, looked);
    return looked;
  }

  /** Once of what nothing was added to. */
  #sum(gathering: Gathering): SourceDisclosure {
    gathering.sum ??= this.#summed(gathering);
    return gathering.sum;
  }

  #summed({ first, ranges, ways, by }: Gathering): SourceDisclosure {
    const lines = joinRanges(ranges);
    const count = lines.reduce((all, [from, to]) => all + to - from + 1, 0);
    const how = (["verbatim", "normalised", "similar"] as const).reduce((a, b) => (ways[b] > ways[a] ? b : a));
    const others = first.also.map((each) => each.file);
    const labels = this.#labels.of([first.file, ...others]);
    const file = pathOf(first.file);
    const also = [...new Set(others.map(pathOf))].filter((each) => each !== file);
    return { file, label: first.label, labels, lines, count, how, by, also };
  }
}

const withoutPlace = ({ file, label, kind, algorithm, encoding }: DigestFound): Looked["hashes"][number] => ({
  file,
  label,
  kind,
  algorithm,
  encoding,
});
