// One entry of the record → what was seen, for a policy to be learned from; undefined where a policy decides nothing of it.
// Everything sealed is attacker-controlled: what does not look like what it should be is nothing.

import { wantsGrant, wantsWord } from "../../decision/judge.ts";
import { withoutScope } from "../../decision/request-path.ts";
import { isSpecial, isSpecialName } from "../../decision/special-addresses.ts";
import { type Host, isAddress, parseHost } from "../../domain/brand.ts";
import type { RecordedEntry } from "../../ledger/record.ts";
import type { Evidence, Fate, Seen, SeenUpstream } from "../../policy/learn/seen.ts";
import { purposeOf } from "../../policy/profile.ts";
import type { RegistryClient } from "../../policy/registry.ts";
import type { AllowEntry } from "../../policy/schema/file.ts";
import { fieldOf, portOf, type Told, textOf, textsOf } from "./fields.ts";

/** What of a session cannot be read off one entry. */
export interface Surroundings {
  /** Bytes sent, by the entry they belong to. */
  readonly sent: ReadonlyMap<number, number>;
  /** Names that led to an address of this machine or its network. */
  readonly special: ReadonlySet<string>;
  readonly upstream: (rule: string, host: Host, port: number) => SeenUpstream | undefined;
  /** The entry of the person's policy that this rule is, where its words are known. */
  readonly own: (rule: string) => AllowEntry | undefined;
  readonly registry: (host: Host, port: number, path: string) => RegistryClient | undefined;
}

export function seenIn(entry: RecordedEntry, around: Surroundings): Seen | undefined {
  const { leaf, sealed, index } = entry;
  if (typeof sealed !== "object") return undefined;
  const executable = textOf(fieldOf(sealed["process"], "executable"));
  const bytes = around.sent.get(index) ?? leaf.counts["bytes-out"] ?? 0;
  const evidence = { session: leaf.session, index, bytes, executable };
  switch (leaf.kind) {
    case "request":
    case "refusal":
      return sealed["scheme"] === "ssh"
        ? seenSsh(entry, sealed, { evidence, around })
        : seenRequest(entry, sealed, { evidence, around });
    case "connection":
      return sealed["carried"] === "ssh"
        ? seenSsh(entry, sealed, { evidence, around })
        : seenConnection(entry, sealed, evidence);
    case "name": {
      const name = textOf(sealed["name"]);
      return name === undefined || leaf.verdict !== "refuse" ? undefined : { ...evidence, kind: "name", name };
    }
    case "control-file": {
      const path = textOf(sealed["path"]);
      return path === undefined ? undefined : { ...evidence, kind: "control-file", path };
    }
    case "credential":
      return sealed["subject"] === undefined ? undefined : { ...evidence, kind: "signed" };
    default:
      return undefined;
  }
}

interface Found {
  readonly evidence: Evidence;
  readonly around: Surroundings;
}

function fateOf({ leaf }: RecordedEntry, reason: string): Fate {
  const { verdict, rule } = leaf;
  if (verdict === "allow" && rule !== "audit") return "granted";
  if (verdict === "allow") return wantsWord(reason) ? "granted" : wantsGrant(reason) ? "audit" : "stray";
  return rule === "default" && wantsGrant(reason) ? "wanted" : "barred";
}

/** Asked about and not answered is as good as not granted. */
function asked({ rule = "" }: RecordedEntry["leaf"], told: Told): boolean {
  return told["question"] !== undefined && !rule.startsWith("gateway:");
}

function seenRequest(entry: RecordedEntry, told: Told, { evidence, around }: Found): Seen | undefined {
  const { leaf } = entry;
  const host = parseHost(textOf(told["host"]) ?? "");
  const port = portOf(told["port"]);
  const method = textOf(told["method"]);
  const target = textOf(told["target"]);
  if (host === undefined || port === undefined || method === undefined || target === undefined) return undefined;
  const [path = ""] = target.split("?", 1);
  const reason = textOf(told["reason"]) ?? "";
  const rule = leaf.rule ?? "";
  const upstream = around.upstream(rule, host, port);
  const fetches = method === "GET" || method === "HEAD";
  const own = around.own(rule);
  // a grant of some of its paths is no word for the whole registry
  const registry =
    fetches && (own === undefined || own.registry !== undefined)
      ? around.registry(host, port, withoutScope(path))
      : undefined;
  const before = asked(leaf, told) && leaf.verdict === "refuse" ? "wanted" : fateOf(entry, reason);
  const barred = upstream === undefined && (around.special.has(host) || (before !== "granted" && isSpecialHost(host)));
  // npm's own way to write a scoped package is ambiguous anywhere else
  const fate = barred
    ? "barred"
    : before === "stray" && registry === "npm" && withoutScope(path) !== path
      ? "audit"
      : before;
  return {
    ...evidence,
    kind: "request",
    fate,
    host,
    port,
    method,
    path,
    purpose: purposeOf(leaf.purpose),
    within: own?.paths,
    credentials: textsOf(told["credentials"]).filter((id) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(id)),
    push: told["push"] !== undefined || told["question"] !== undefined || wantsWord(reason),
    registry,
    upstream,
    reason: barred && around.special.has(host) ? "its name led to an address of this machine or its network" : reason,
  };
}

function isSpecialHost(host: Host): boolean {
  return isSpecialName(host) || (isAddress(host) && isSpecial(host));
}

function seenConnection(entry: RecordedEntry, told: Told, evidence: Evidence): Seen | undefined {
  const { leaf } = entry;
  const port = portOf(told["port"] ?? fieldOf(told["destination"], "port"));
  if (port === undefined) return undefined;
  if (told["carried"] === "published") return { ...evidence, kind: "published", port };
  const host = parseHost(
    textOf(told["host"]) ?? textOf(told["ip"]) ?? textOf(fieldOf(told["destination"], "ip")) ?? "",
  );
  if (host === undefined) return undefined;
  const { rule = "", verdict } = leaf;
  const reason = textOf(told["reason"]) ?? "";
  if (told["carried"] === "opaque") {
    const kind = /^[a-z-]+:network\.services\[/.test(rule) ? "service" : "opaque";
    return { ...evidence, kind, fate: "granted", host, port, reason };
  }
  // what was opened and read has its own entries
  if (verdict !== "refuse" || !rule.startsWith("gateway:")) return undefined;
  // nothing but its place can be told of what is no HTTP; a datagram has no grant
  const opaque = rule === "gateway:not-http" || rule === "gateway:silent";
  const fate = opaque && told["destination"] === undefined && !isSpecialHost(host) ? "wanted" : "barred";
  return { ...evidence, kind: "opaque", fate, host, port, reason: opaque ? "not HTTP" : reason || rule };
}

function seenSsh(entry: RecordedEntry, told: Told, { evidence, around }: Found): Seen | undefined {
  const { leaf } = entry;
  const host = parseHost(textOf(told["host"]) ?? "");
  const path = textOf(told["target"]);
  if (host === undefined || path === undefined) return undefined;
  const method = textOf(told["method"]) ?? "";
  const reason = textOf(told["reason"]) ?? "";
  const fate = asked(leaf, told) && leaf.verdict === "refuse" ? "wanted" : fateOf(entry, reason);
  return {
    ...evidence,
    kind: "ssh",
    fate,
    host,
    port: portOf(told["port"]) ?? 22,
    user: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.exec(textOf(told["user"]) ?? "")?.[0] ?? "git",
    path,
    push: method.startsWith("git-receive-pack") || method.endsWith(" upload"),
    key: around.own(leaf.rule ?? "")?.key,
    reason,
  };
}
