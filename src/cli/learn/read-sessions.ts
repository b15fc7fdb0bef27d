// Sessions of the record → what was seen in them and the background they ran on. The record is read twice: what was sent and
// what a name led to is said after the entry it belongs to.

import type { Leaf } from "../../ledger/leaf.ts";
import type { ReadableRecord } from "../../ledger/record.ts";
import { matchesPath } from "../../policy/glob.ts";
import type { Background, LearnedSession } from "../../policy/learn/background.ts";
import { profileCredential } from "../../policy/learn/credential-text.ts";
import type { Seen } from "../../policy/learn/seen.ts";
import {
  type RegistryClient,
  type RegistryLookup,
  type RegistryPlace,
  registryClients,
} from "../../policy/registry.ts";
import { fieldOf, textOf } from "./fields.ts";
import { entryOf, type OwnWords, ownWords, upstreamFor } from "./own-words.ts";
import { type Surroundings, seenIn } from "./seen-in-record.ts";

export interface ReadSession {
  readonly tool: string;
  readonly recognised: boolean;
  readonly workspace: string | undefined;
  readonly words: OwnWords;
  readonly learned: LearnedSession;
  /** Lazily. */
  readonly seen: (lookup: Lookup) => Generator<Seen>;
}

type Lookup = Surroundings["registry"];

/** Undefined where it has no beginning that can be read. */
export function readSession(record: ReadableRecord, id: string, home: string): ReadSession | undefined {
  const [start] = [...record.entries({ session: id, kind: "session.start" })];
  if (typeof start?.sealed !== "object") return undefined;
  const { leaf, sealed } = start;
  const words = ownWords(sealed["layers"], home);
  const survey = surveyOf(record, id);
  const around = {
    ...survey,
    upstream: (rule, host, port) => upstreamFor(words, rule, { host, port }),
    own: (rule) => entryOf(words, rule),
  } satisfies Omit<Surroundings, "registry">;
  return {
    tool: textOf(fieldOf(sealed["tool"], "name")) ?? leaf.tool.name,
    recognised: leaf.tool.name !== "unrecognised",
    workspace: textOf(sealed["workspace"]),
    words,
    learned: { id, mode: modeOf(sealed["mode"]), started: startOf(leaf), ...survey.counted },
    *seen(registry) {
      for (const entry of record.entries({ session: id })) {
        const seen = seenIn(entry, { ...around, registry });
        if (seen !== undefined) yield seen;
      }
    },
  };
}

function modeOf(mode: unknown): string {
  return mode === "audit" ? "audit" : "enforce";
}

function startOf({ time }: Leaf): string {
  return `${time.slice(0, 19)}Z`;
}

function surveyOf(record: ReadableRecord, session: string) {
  const sent = new Map<number, number>();
  const special = new Set<string>();
  const counted = { entries: 0, unreadable: 0, ended: false };
  for (const { leaf, sealed } of record.entries({ session })) {
    counted.entries += 1;
    counted.ended ||= leaf.kind === "session.stop";
    if (typeof sealed !== "object") {
      if (sealed !== undefined) counted.unreadable += 1;
      continue;
    }
    const { intent, host } = sealed;
    if (leaf.kind === "reply" && typeof intent === "number") sent.set(intent, leaf.counts["bytes-out"] ?? 0);
    if (leaf.rule === "gateway:special-address" && typeof host === "string") special.add(host);
  }
  return { sent, special, counted };
}

/** Where package managers fetch here, by the person's own configuration. */
export async function registryPlaces(lookup: RegistryLookup, workspace: string): Promise<Lookup> {
  const found: { readonly client: RegistryClient; readonly place: RegistryPlace }[] = [];
  for (const client of registryClients) {
    const configured = await lookup(client, { claims: false, writable: [workspace] });
    if (configured.ok) found.push(...configured.places.map((place) => ({ client, place })));
  }
  return (host, port, path) =>
    found.find(
      ({ place }) =>
        place.host === host &&
        place.port === port &&
        (place.paths === undefined || place.paths.some((glob) => matchesPath(glob, path))),
    )?.client;
}

/** Of the last session whose words are known; of all where any is lost. */
export function backgroundOf(sessions: readonly ReadSession[]): Background {
  const [first] = sessions;
  const last = sessions.at(-1);
  const own = last?.words.user;
  return {
    tool: first?.tool ?? "",
    recognised: first?.recognised ?? false,
    sessions: sessions.map(({ learned }) => learned),
    own: own === undefined ? undefined : { file: own.file, value: own.value },
    lost: sessions.find(({ words }) => words.lost !== undefined)?.words.lost,
    credential: (id) => {
      const declared = sessions.flatMap(({ words }) => words.all.flatMap(({ value }) => value.credentials?.[id] ?? []));
      return declared.at(-1) ?? profileCredential(first?.tool ?? "", id);
    },
  };
}
