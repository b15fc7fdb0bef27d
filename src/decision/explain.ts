// `postern why`: a host, a URL or a path, and the policy → which rule decides, where it stands, and the exact lines that
// would change it. It asks the judge that judges, and so cannot differ from it.

import type { Host } from "../domain/brand.ts";
import { parseHost } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Notice, Place } from "../policy/fault.ts";
import { coversHost, parseHostPattern, splitAddress } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { veilOf } from "../policy/veil.ts";
import { absolute, isWithin } from "../policy/way.ts";
import { explainSsh } from "./explain-ssh.ts";
import { judgeFor } from "./judge.ts";

export interface Explanation {
  /** As it was understood: `api.example.com:443`, `GET https://…`, an absolute path. */
  readonly subject: string;
  readonly answer: "allowed" | "refused" | "asked" | "writable" | "readable" | "absent" | "hidden" | "masked";
  /** The grant's id, `audit`, or `default`. */
  readonly rule: string;
  readonly reason: string;
  /** Where the rule stands; undefined for a profile's and for the default. */
  readonly place: Place | undefined;
  /** Lines of a file that speak of the subject and do not count. */
  readonly silent: readonly Notice[];
  readonly change: Change;
}

/** What would make the answer another. */
type Change =
  | { readonly kind: "add" /** YAML for the user's policy. */; readonly yaml: string }
  | { readonly kind: "remove"; readonly place: Place }
  /** A profile's default: the user's own words about the host replace it. */
  | { readonly kind: "narrow"; readonly yaml: string };

export interface Whereabouts {
  readonly workspace: string;
  readonly home: string;
}

/** Text a person typed → an explanation, or undefined where it is no host, URL or path. */
export function explain(policy: Policy, what: string, where: Whereabouts): Explanation | undefined {
  const asked = /^([A-Z]+)\s+(\S+)$/.exec(what);
  const target = asked?.[2] ?? what;
  const remote = explainSsh(policy, target);
  if (remote !== undefined) return network(policy, remote.verdict, { ...remote, subject: target });
  if (/^https?:\/\//i.test(target)) return explainUrl(policy, target, asked?.[1] ?? "GET");
  if (/^[~./]/.test(target)) return explainPath(policy, absolute(target, where.workspace, where.home), where);
  const split = splitAddress(target);
  const host = parseHost(split?.host ?? target);
  if (host !== undefined) return explainHost(policy, host, split?.port);
  if (beginsWithHost(target)) return explainUrl(policy, `https://${target}`, asked?.[1] ?? "GET");
  return target.includes("/") ? explainPath(policy, absolute(target, where.workspace, where.home), where) : undefined;
}

/** `api.example.com/v1`, `localhost:3000/x`; a directory seldom has a dot or a port, and one that is there was found before. */
function beginsWithHost(target: string): boolean {
  const [first = "", ...rest] = target.split("/");
  const split = splitAddress(first);
  return (
    rest.length > 0 && (split !== undefined || first.includes(".")) && parseHost(split?.host ?? first) !== undefined
  );
}

function explainHost(policy: Policy, host: Host, port: number | undefined): Explanation {
  const verdict = judgeFor(policy).reach(host, port);
  const ports = port === undefined || port === 443 || port === 80 ? "" : `, ports: [${port}]`;
  // inside, the loopback is the tool's own: only a service leads from there to this machine's
  const yaml = isLoopback(host)
    ? `network:\n  services: ["${host.includes(":") ? `[${host}]` : host}:${port ?? 5432}"]`
    : `network:\n  allow:\n    - { host: "${host}"${ports} }`;
  return network(policy, verdict, { subject: port === undefined ? host : `${host}:${port}`, host, yaml });
}

export function isLoopback(host: Host): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.[\d.]+$/.test(host);
}

/** The URL as a tool would send it: the path is not normalised first, for the judge refuses what could be. */
function explainUrl(policy: Policy, text: string, method: string): Explanation | undefined {
  const url = URL.parse(text);
  const parts = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(text);
  const host = parseHost(url?.hostname.replace(/^\[|\]$/g, "") ?? "");
  if (url === null || parts === null || host === undefined) return undefined;
  const scheme = url.protocol === "http:" ? "http" : "https";
  const port = url.port === "" ? { http: 80, https: 443 }[scheme] : Number(url.port);
  const path = parts[1] || "/";
  const disclosure = {
    destination: { scheme, host, port },
    method,
    path,
    findings: [],
    unreadable: undefined,
    push: path.endsWith("/git-receive-pack") && method === "POST" ? anyPush : undefined,
  } as const;
  const ports = port === 443 || port === 80 ? "" : `, ports: [${port}]`;
  const yaml = `network:\n  allow:\n    - { host: "${host}"${ports}, methods: [${method}], paths: [${JSON.stringify(path)}] }`;
  return network(policy, judgeFor(policy).decide(disclosure), { subject: `${method} ${text}`, host, yaml });
}

/** One that changes something, whatever it is. */
const anyPush = {
  kind: "push",
  repository: "",
  push: { updates: [{ old: "", new: "", ref: "" }], options: [] },
} as const;

function network(
  policy: Policy,
  verdict: Verdict,
  { subject, host, yaml }: { subject: string; host: Host; yaml: string },
): Explanation {
  const place = placeOf(policy, verdict.grant);
  const granted = verdict.kind !== "refuse" && verdict.rule !== "audit";
  return {
    subject,
    answer: verdict.kind === "allow" ? "allowed" : verdict.kind === "ask" ? "asked" : "refused",
    rule: verdict.rule,
    reason: verdict.reason,
    place: granted ? place : undefined,
    silent: [...policy.voided, ...policy.requested].filter((notice) => speaksOf(notice, host)),
    change: change({ granted, place, yaml }),
  };
}

function change({ granted, place, yaml }: { granted: boolean; place: Place | undefined; yaml: string }): Change {
  if (!granted) return { kind: "add", yaml };
  return place === undefined ? { kind: "narrow", yaml } : { kind: "remove", place };
}

function speaksOf({ about }: Notice, host: Host): boolean {
  const parsed = about === undefined ? undefined : parseHostPattern(about);
  return parsed?.ok === true && coversHost(parsed.pattern, host);
}

function placeOf(policy: Policy, grant: NetworkGrant | undefined): Place | undefined {
  return grant === undefined ? undefined : policy.origins[grant.id];
}

function explainPath(policy: Policy, path: string, { workspace }: Whereabouts): Explanation {
  const veiled = explainVeiled(policy, path, workspace);
  if (veiled !== undefined) return veiled;
  const writer = holderOf(policy.files.write, path);
  const reader = holderOf(policy.files.read, path);
  const kind = writer === undefined ? "read" : "write";
  const holder = writer ?? reader;
  const rule = holder === undefined ? "default" : (policy.files.rules[`${kind}:${holder}`] ?? "default");
  const place = policy.origins[rule];
  const yaml = `files:\n  read: [${JSON.stringify(path)}]`;
  return {
    subject: path,
    answer: writer !== undefined ? "writable" : reader !== undefined ? "readable" : "absent",
    rule,
    reason: holder === undefined ? nothingBut(policy) : `it lies in ${holder}`,
    place,
    silent: [...policy.voided, ...policy.requested].filter(
      ({ about }) => about?.startsWith("/") === true && isWithin(path, about),
    ),
    change: change({ granted: holder !== undefined, place, yaml: holder === undefined ? yaml : "files:\n  write: []" }),
  };
}

/** By its name, also where nothing lies there yet; what a link or another name leads to is told only by a session. */
function explainVeiled(policy: Policy, path: string, workspace: string): Explanation | undefined {
  const { of } = veilOf(policy.files);
  const within = [workspace, ...policy.files.write].filter((root) => root !== path && isWithin(path, root));
  const veiled = within.map((root) => of(path.slice(root.length + 1), true)).find((found) => found !== undefined);
  if (veiled === undefined) return undefined;
  const rule = policy.files.rules[`${veiled.kind}:${veiled.glob}`] ?? `files.${veiled.kind}`;
  const place = policy.origins[rule];
  return {
    subject: path,
    answer: veiled.kind === "hide" ? "hidden" : "masked",
    rule,
    reason: veiled.kind === "hide" ? `${veiled.glob} hides it` : `${veiled.glob} masks its values`,
    place,
    silent: [],
    change: change({ granted: true, place, yaml: `files:\n  ${veiled.kind}: []` }),
  };
}

function nothingBut({ files: { toolchains } }: Policy): string {
  const rest = toolchains.length === 0 ? "" : `, and what is found here of ${toolchains.join(", ")}`;
  return `nothing is there inside but what is granted${rest}`;
}

/** The narrowest grant that holds the path. */
function holderOf(granted: readonly string[], path: string): string | undefined {
  return granted.filter((holder) => isWithin(path, holder)).sort((a, b) => b.length - a.length)[0];
}
