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
  return {
    compare: async (one) => {
      cases += 1;
      const bytes = latin1(one.bytes);
      let views = await look(one, await stage.pass(bytes), readers);
      // on a busy machine something may still have been under way
      if (views.some(({ how }) => how === undefined)) views = await look(one, await stage.passAgain(bytes), readers);
      for (const { how = "unexplained", disagreement } of views) {
        const { reader, where } = disagreement;
        const key = `${reader}, ${where}`;
        told[key] = { ...told[key], [how]: (told[key]?.[how] ?? 0) + 1 };
        if (how === "unexplained") unexplained.push(disagreement);
      }
    },
    result: () => ({ cases, told, unexplained }),
    [Symbol.asyncDispose]: () => stage.close(),
  };
}

interface View {
  /** Undefined: nothing explains it. */
  readonly how: string | undefined;
  readonly disagreement: Disagreement;
}

async function look(one: Case, passed: Passed, readers: readonly Reader[]): Promise<readonly View[]> {
  const views = readers.map(async (reader) => [
    await lookBefore(one, passed, reader),
    ...(await Promise.all(passed.raw.map((sent) => lookBehind(one, { ...passed, ...sent }, reader)))),
  ]);
  return (await Promise.all(views)).flat();
}

async function lookBefore(one: Case, { judged: ours, refused, reply }: Passed, reader: Reader): Promise<View> {
  const { requests: theirs } = await reader.read(latin1(one.bytes));
  const closed = /^connection:[^\n]*close/im.test(reply.slice(reply.lastIndexOf("HTTP/1.1 ")));
  const how = explain({ ours, theirs, refused, closed, bytes: one.bytes });
  return { how, disagreement: { ...one, ours, theirs, refused, reader: reader.name, where: "before us" } };
}

async function lookBehind(one: Case, sent: Passed & Passed["raw"][number], reader: Reader): Promise<View> {
  const ours = sent.judged.filter(({ host }) => host === sent.upstream);
  const { requests: theirs } = await reader.read(sent.bytes, ours.length);
  const how = pathsAgree(ours, theirs) ? isFaithful(ours, theirs, reader.refuses) : undefined;
  const bytes = sent.bytes.toString("latin1");
  return { how, disagreement: { ...one, bytes, ours, theirs, refused: [], reader: reader.name, where: "behind us" } };
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
