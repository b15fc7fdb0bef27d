// What looking into text costs one core, without gateway or thread: a conversation that grows, beside one look at its last request by
// a session that knows nothing yet; secret rules beside secretlint on the same files; source fingerprints. What is compared is
// measured in turn, so that whatever else works here is in both. A program of its own; prints one JSON object. Arguments: rounds, and
// where secretlint's packages are (or nothing).

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Inquiry } from "../src/domain/inspection.ts";
import { host } from "../src/gateway/rehearsal.ts";
import { ownRules } from "../src/inspection/rules/own.ts";
import { openRules } from "../src/inspection/rules/seek.ts";
import type { Named } from "../src/inspection/source/enter.ts";
import { type Filling, fillStore } from "../src/inspection/source/fill.ts";
import { openFingerprints, openStore } from "../src/inspection/source/fingerprints.ts";
import { type Keyed, keyHashes } from "../src/inspection/source/keyed.ts";
import { lookUp } from "../src/inspection/source/lookup.ts";
import { fingerprintOf, printOf } from "../src/inspection/source/print.ts";
import { type Desk, openDesk } from "../src/session/inspecting/desk.ts";
import { converse, mixedTexts, requestAfter, type SourceText, sizeOf, sourceTexts } from "./corpus.ts";
import { type Spread, spreadOf } from "./figures.ts";

export interface Seeking {
  readonly conversation: {
    readonly turns: number;
    /** Octets of the last request, and of all together. */
    readonly last: number;
    readonly all: number;
    /** Octets of source that they are compared with. */
    readonly source: number;
    /** Milliseconds. */
    readonly growing: Spread;
    readonly once: Spread;
    /** Of each round; and of all rounds together, since the kernel counts processor time in steps of some milliseconds. */
    readonly ratio: Spread;
    readonly whole: number;
    /** Each request looked into as if it were the first, once over all: times one look at the last. */
    readonly uncached: number;
  };
  readonly rules: {
    readonly rules: number;
    readonly octets: number;
    /** Megabytes a second. */
    readonly own: Spread;
    /** One pass over the same text that adds up its letters. */
    readonly plain: Spread;
    readonly secretlint: Spread | undefined;
    readonly ratio: Spread | undefined;
  };
  readonly fingerprints: {
    readonly octets: number;
    /** Of index, for each octet of source. */
    readonly share: number;
    readonly build: Spread;
    /** In text that is of it, and in text that is not. */
    readonly held: Spread;
    readonly foreign: Spread;
  };
}

/** Milliseconds of this thread's processor time: what else works here takes none of it. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function timed(work: () => void): number {
  const began = spent();
  work();
  return spent() - began;
}

const perSecond = (octets: number, milliseconds: number): number => octets / 1_000 / milliseconds;

const octetsOf = (texts: readonly SourceText[]) =>
  texts.map(({ path, text }) => ({ path, label: "workspace", octets: Buffer.from(text) }));

function openedWith(sources: ReturnType<typeof octetsOf>): Desk {
  const key = randomBytes(32);
  const keyed = keyHashes(key);
  const desk = openDesk({ known: [], compared: true, key, rules: undefined });
  desk.take({ kind: "expected", octets: sources.reduce((sum, { octets }) => sum + octets.length, 0) });
  for (const { path, octets } of sources)
    desk.take({
      kind: "file",
      path: `/project/${path}`,
      relative: path,
      label: "workspace",
      labels: [],
      first: true,
      print: printOf(path, octets, keyed),
    });
  desk.take({ kind: "whole", unread: 0, read: sources.length });
  return desk;
}

/** `said`: what is answered to each of them; it is heard, as a tool hears it, and that is not counted. */
function look(desk: Desk, bodies: readonly Buffer[], said: readonly Buffer[]): number {
  const head = { method: "POST", target: "/v1/messages", headers: ["Content-Type", "application/json"] };
  // given away, so each in memory of its own
  const inquiries = bodies.map(
    (body, nth): Inquiry => ({
      form: "request",
      number: nth + 1,
      head,
      host: host("api.anthropic.com"),
      body: Buffer.from(body),
    }),
  );
  return inquiries.reduce((sum, inquiry, nth) => {
    const began = spent();
    const { asked } = desk.look(inquiry);
    const took = spent() - began;
    const octets = said[nth];
    if (asked === undefined || octets === undefined) return sum + took;
    desk.hear({ asked, kind: "begins", reply: { status: 200, mediaType: "application/json", coding: "" } });
    desk.hear({ asked, kind: "octets", parts: [octets] });
    desk.hear({ asked, kind: "ends", how: "whole" });
    return sum + took;
  }, 0);
}

function measureConversation(rounds: number): Seeking["conversation"] {
  const own = octetsOf(sourceTexts(4_000_000));
  const turns = 60;
  const conversation = converse(turns, mixedTexts(turns, 4_500), () => 4_500);
  const bodies = Array.from({ length: turns }, (_, turn) => requestAfter(conversation, turn + 1));
  const replies = conversation.messages.filter(({ role }) => role === "assistant").slice(1);
  const said = replies.map((reply) => Buffer.from(JSON.stringify({ id: "msg_1", type: "message", ...reply })));
  const [growing, once]: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round += 1) {
    const [all, last] = [look(openedWith(own), bodies, said), look(openedWith(own), bodies.slice(-1), [])];
    // the first ones compile
    if (round < 0) continue;
    growing.push(all);
    once.push(last);
  }
  const [all, last] = [growing, once].map((each) => each.reduce((sum, one) => sum + one, 0));
  const anew = bodies.reduce((sum, body) => sum + look(openedWith(own), [body], []), 0);
  return {
    turns,
    last: bodies.at(-1)?.length ?? 0,
    all: bodies.reduce((sum, body) => sum + body.length, 0),
    source: own.reduce((sum, { octets }) => sum + octets.length, 0),
    growing: spreadOf(growing),
    once: spreadOf(once),
    ratio: spreadOf(growing.map((one, round) => one / (once[round] ?? Number.NaN))),
    whole: (all ?? Number.NaN) / (last ?? Number.NaN),
    uncached: anew / spreadOf(once).median,
  };
}

type Linting = (text: SourceText) => Promise<unknown>;

/** Its packages export no types here: they are a rival's, installed when they are needed. */
async function openSecretlint(packages: string): Promise<Linting> {
  const load = (name: string) => import(pathToFileURL(join(packages, name, "module/index.js")).href);
  const { lintSource } = await load("@secretlint/core");
  const { creator } = await load("@secretlint/secretlint-rule-preset-recommend");
  const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: creator }] };
  return ({ path, text }) => {
    const source = {
      content: text,
      filePath: `/project/${path}`,
      ext: /\.\w+$/.exec(path)?.[0] ?? "",
      contentType: "text",
    };
    return lintSource({ source, options: { config, noPhysicFilePath: true } });
  };
}

function addUp(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (sum + text.charCodeAt(at)) | 0;
  return sum;
}

async function measureRules(rounds: number, packages: string | undefined): Promise<Seeking["rules"]> {
  const texts = sourceTexts(8_000_000, 5_000_000);
  const octets = sizeOf(texts);
  const lint = packages === undefined ? undefined : await openSecretlint(packages);
  const [own, theirs, plain]: [number[], number[], number[]] = [[], [], []];
  const seek = openRules(ownRules);
  for (let round = -1; round < rounds; round += 1) {
    const mine = timed(() => {
      for (const { text } of texts) seek(text);
    });
    const passed = timed(() => {
      for (const { text } of texts) addUp(text);
    });
    const began = spent();
    if (lint !== undefined) for (const text of texts) await lint(text);
    if (round < 0) continue;
    own.push(perSecond(octets, mine));
    plain.push(perSecond(octets, passed));
    theirs.push(perSecond(octets, spent() - began));
  }
  return {
    rules: ownRules.length,
    octets,
    own: spreadOf(own),
    plain: spreadOf(plain),
    secretlint: lint === undefined ? undefined : spreadOf(theirs),
    ratio: lint === undefined ? undefined : spreadOf(own.map((rate, round) => rate / (theirs[round] ?? Number.NaN))),
  };
}

function openEmpty() {
  const key = randomBytes(32);
  return [key, openStore({ key })] as const;
}

/** As a session's reader takes it in, without its digests. */
function filling({ octets, ...named }: Named & { readonly octets: Uint8Array }, keyed: Keyed): readonly Filling[] {
  const print = fingerprintOf(named.path, octets, keyed);
  return typeof print === "string" ? [] : [{ ...named, print }];
}

function measureFingerprints(rounds: number): Seeking["fingerprints"] {
  const sources = octetsOf(sourceTexts(10_000_000));
  const octets = sources.reduce((sum, one) => sum + one.octets.length, 0);
  const held = sourceTexts(4_000_000, 2_000_000);
  const foreign = sourceTexts(4_000_000, 20_000_000);
  const rates: Record<"build" | "held" | "foreign", number[]> = { build: [], held: [], foreign: [] };
  let share = 0;
  for (let round = -1; round < rounds; round += 1) {
    const [key, store] = openEmpty();
    const built = timed(() => {
      const all = sources.map(({ path, label, octets }) => ({ path, label, weighty: false, octets }));
      fillStore(
        store,
        all.flatMap((one) => filling(one, store.keyed)),
      );
    });
    const index = openFingerprints({ key, filled: store });
    const reading = index.reading();
    share = index.size().index / index.size().source;
    const asked = [held, foreign].map((texts) => {
      const time = timed(() => {
        for (const { text } of texts) lookUp(reading, text);
      });
      return perSecond(sizeOf(texts), time);
    });
    if (round < 0) continue;
    rates.build.push(perSecond(octets, built));
    rates.held.push(asked[0] ?? Number.NaN);
    rates.foreign.push(asked[1] ?? Number.NaN);
  }
  const [build, inHeld, inForeign] = [rates.build, rates.held, rates.foreign].map(spreadOf);
  const none = spreadOf([]);
  return { octets, share, build: build ?? none, held: inHeld ?? none, foreign: inForeign ?? none };
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 7);
  const only = process.argv[4];
  const part = (name: string) => only === undefined || only === name;
  const seeking: Partial<Seeking> = {
    ...(part("conversation") ? { conversation: measureConversation(rounds * 3) } : {}),
    ...(part("rules")
      ? { rules: await measureRules(rounds, process.argv[3] === "" ? undefined : process.argv[3]) }
      : {}),
    ...(part("fingerprints") ? { fingerprints: measureFingerprints(rounds) } : {}),
  };
  process.stdout.write(`${JSON.stringify(seeking)}\n`);
}

await main();
