// The policy files a session ran under, as its first entry names them → what stands in them, where they are still the very same.
// A file that has changed since explains nothing: not what an entry's rule meant, nor where a credential comes from.

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Host } from "../../domain/brand.ts";
import { parsePolicy } from "../../policy/document.ts";
import { coversHost, parseHostPattern } from "../../policy/host-pattern.ts";
import type { SeenUpstream } from "../../policy/learn/seen.ts";
import { maxFileBytes } from "../../policy/limits.ts";
import type { AllowEntry, CredentialEntry, PolicyFile } from "../../policy/schema/file.ts";
import { absolute } from "../../policy/way.ts";
import { fieldOf, textOf } from "./fields.ts";

interface Words {
  readonly name: string;
  readonly file: string;
  readonly value: PolicyFile;
}

export interface OwnWords {
  /** Organisation's and user's. */
  readonly all: readonly Words[];
  readonly user: Words | undefined;
  /** Why one of them is not known. */
  readonly lost: string | undefined;
}

/** `layers`: as sealed with `session.start`. */
export function ownWords(layers: unknown, home: string): OwnWords {
  const found = (Array.isArray(layers) ? layers : []).flatMap((layer: unknown) => {
    const [kind, file, digest] = ["kind", "path", "sha256"].map((name) => textOf(fieldOf(layer, name)));
    return kind === "user" || kind === "organisation" ? [{ kind, file: file ?? "", digest }] : [];
  });
  const read = found.map(({ kind, file, digest }) => ({ kind, file, value: readSame(file, digest, home) }));
  const all = read.flatMap(({ kind, file, value }) => (value === undefined ? [] : [{ name: kind, file, value }]));
  const gone = read.find(({ value }) => value === undefined);
  return {
    all,
    user: all.find(({ name }) => name === "user"),
    lost: gone === undefined ? undefined : "the policy it ran under has changed since",
  };
}

function readSame(file: string, digest: string | undefined, home: string): PolicyFile | undefined {
  if (!existsSync(file) || statSync(file).size > maxFileBytes) return undefined;
  const parsed = parsePolicy(readFileSync(file), file);
  if (!parsed.ok || parsed.policy.sha256 !== digest) return undefined;
  return withWholePaths(parsed.policy.value, (path) => absolute(path, dirname(file), home));
}

/** What is read from the policy's own directory holds from anywhere. */
function withWholePaths(value: PolicyFile, whole: (path: string) => string): PolicyFile {
  const { network, credentials, proxy, signing } = value;
  const allow = network?.allow?.map((entry) => {
    const { key, upstream } = entry;
    return {
      ...entry,
      ...(key === undefined ? {} : { key: whole(key) }),
      ...(upstream?.ca === undefined ? {} : { upstream: { ...upstream, ca: whole(upstream.ca) } }),
    };
  });
  const from = Object.entries(credentials ?? {}).map(([id, entry]): [string, CredentialEntry] => {
    const { file } = entry.from;
    return [id, file === undefined ? entry : { ...entry, from: { ...entry.from, file: whole(file) } }];
  });
  return {
    ...value,
    ...(allow === undefined ? {} : { network: { ...network, allow } }),
    ...(credentials === undefined ? {} : { credentials: Object.fromEntries(from) }),
    ...(proxy?.ca === undefined ? {} : { proxy: { ...proxy, ca: whole(proxy.ca) } }),
    ...(signing?.format === undefined || signing.format === "ssh" ? wholeKey(signing, whole) : {}),
  };
}

function wholeKey(signing: PolicyFile["signing"], whole: (path: string) => string): Pick<PolicyFile, "signing"> {
  return signing === undefined ? {} : { signing: { ...signing, key: whole(signing.key) } };
}

/** What the rule's entry dials instead; for what no rule granted, the first that covers the place, as audit takes it. */
export function upstreamFor(
  words: OwnWords,
  rule: string,
  { host, port }: { host: Host; port: number },
): SeenUpstream | undefined {
  const own = entryOf(words, rule);
  if (own !== undefined) return own.upstream;
  if (rule !== "audit") return undefined;
  const covering = words.all
    .flatMap(({ value }) => value.network?.allow ?? [])
    .filter((entry) => covers(entry, host, port));
  return (covering.find((entry) => entry.host?.startsWith("*") !== true) ?? covering[0])?.upstream;
}

function covers({ host: text, ports = [443, 80], protocol = "http" }: AllowEntry, host: Host, port: number): boolean {
  const parsed = text === undefined ? undefined : parseHostPattern(text);
  return parsed?.ok === true && protocol === "http" && ports.includes(port) && coversHost(parsed.pattern, host);
}

export function entryOf({ all }: OwnWords, rule: string): AllowEntry | undefined {
  const [, name, index] = /^([a-z-]+):network\.allow\[(\d{1,4})\]$/.exec(rule) ?? [];
  return all.find((one) => one.name === name)?.value.network?.allow?.[Number(index)];
}
