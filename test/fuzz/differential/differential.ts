// The same octets through us and through others, and what leaves us through others again: where a request ends, which host and
// which path it names. The second is what counts: a request another server would see in what we sent, and the record does not.

import { mutate } from "../mutate.ts";
import { openFrontStage, type Passed, type Seen } from "../stage.ts";
import { latin1 } from "../target.ts";
import type { Case } from "./cases.ts";
import { explain, isFaithful, isSamePath } from "./compare.ts";
import type { NginxSeen } from "./nginx.ts";
import type { Reader } from "./reading.ts";

export interface Disagreement {
  readonly name: string;
  readonly reader: string;
  readonly where: "before us" | "behind us";
  /** Latin-1. */
  readonly bytes: string;
  readonly ours: readonly Seen[];
  readonly theirs: readonly Seen[];
  readonly refused: readonly string[];
}

export interface Compared {
  readonly cases: number;
  /** By reader and place: how often which explanation held. */
  readonly told: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly unexplained: readonly Disagreement[];
}

export interface Comparison extends AsyncDisposable {
  readonly compare: (one: Case) => Promise<void>;
  readonly result: () => Compared;
}

export async function openComparison(readers: readonly Reader[]): Promise<Comparison> {
  const stage = await openFrontStage("http/1.1");
  const told: Record<string, Record<string, number>> = {};
  const unexplained: Disagreement[] = [];
  let cases = 0;
  const note = (key: string, how: string): void => {
    const counts = told[key] ?? {};
    told[key] = counts;
    counts[how] = (counts[how] ?? 0) + 1;
  };
  const before = async (one: Case, passed: Passed): Promise<void> => {
    for (const reader of readers) {
      const { requests } = await reader.read(latin1(one.bytes));
      const pair = { ours: passed.judged, theirs: requests, refused: passed.refused };
      const how = explain(pair);
      note(`${reader.name}, before us`, how ?? "unexplained");
      if (how === undefined) unexplained.push({ ...one, ...pair, reader: reader.name, where: "before us" });
    }
  };
  const behind = async (one: Case, passed: Passed): Promise<void> => {
    for (const { upstream, bytes } of passed.raw) {
      const ours = passed.judged.filter(({ host }) => host === upstream);
      for (const reader of readers) {
        const { requests } = await reader.read(bytes, ours.length);
        const how = pathsAgree(ours, requests) ? isFaithful(ours, requests) : undefined;
        note(`${reader.name}, behind us`, how ?? "unexplained");
        if (how === undefined)
          unexplained.push({
            ...one,
            bytes: bytes.toString("latin1"),
            ours,
            theirs: requests,
            refused: [],
            reader: reader.name,
            where: "behind us",
          });
      }
    }
  };
  return {
    compare: async (one) => {
      cases += 1;
      const passed = await stage.pass(latin1(one.bytes));
      await Promise.all([before(one, passed), behind(one, passed)]);
    },
    result: () => ({ cases, told, unexplained }),
    [Symbol.asyncDispose]: () => stage.close(),
  };
}

/** Of a reader that tells its own reading of the path. */
function pathsAgree(ours: readonly Seen[], theirs: readonly (Seen & Partial<NginxSeen>)[]): boolean {
  return theirs.every(({ path }, at) => {
    const judged = ours[at];
    return path === undefined || judged === undefined || isSamePath(judged, path);
  });
}

/** Neighbours of the cases. */
export function* neighbours(cases: readonly Case[], chance: (below: number) => number): Generator<Case> {
  const corpus = cases.map(({ bytes }) => latin1(bytes));
  const words = [
    "\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    " ",
    "\t",
    "\x0b",
    "/../",
    "%2f",
    "GET /n HTTP/1.1\r\nHost: api.vendor.example\r\n\r\n",
  ];
  const material = { corpus, words: words.map(latin1), longest: 1500, most: 2 };
  for (;;) {
    const bytes = mutate(chance, material);
    // other doors' (TLS, HTTP/2), and nothing at all
    if (bytes.length === 0 || bytes[0] === 0x16 || bytes.toString("latin1", 0, 3) === "PRI") continue;
    yield { name: "a neighbour", bytes: bytes.toString("latin1") };
  }
}
