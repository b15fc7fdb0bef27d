// One entry of a lesson → its lines in `network.allow`: above it the evidence, beside each path its own. A proposal has the same
// lines behind a `#`: to take the mark away is to grant it.

import type { Entry, HttpEntry, Line, SshEntry } from "./lesson.ts";
import { cite, quote, quoteAll, sayBriefly, sayTold } from "./words.ts";

const indent = "    ";

export function entryLines(entry: Entry): string[] {
  const evidence = [`# ${sayTold(entry.told)}`, ...sayWhat(entry).map((line) => `# ${line}`)];
  const [first = "", ...rest] = keysOf(entry);
  return [...evidence, `- ${first}`, ...rest.map((line) => `  ${line}`)].map((line) => indent + line);
}

/** What stands there already as a comment stays one when the marks are taken away. */
export function proposalLines(entry: Entry): string[] {
  return entryLines(entry).map((line) => line.replace(indent, `${indent}# `));
}

function sayWhat(entry: Entry): string[] {
  const { suspicion, proposed } = entry;
  const looks =
    suspicion === undefined
      ? []
      : [
          `looks like ${words[suspicion.looksLike]}, ${suspicion.because}${proposed === undefined ? "; a policy granted it" : ""}`,
        ];
  const stars =
    entry.kind === "http" && entry.lines.some(({ pattern }) => pattern.includes("*"))
      ? [
          "each * stands where an id, hash, number, date or version was, and lets anything stand there within its segment",
        ]
      : [];
  const push = "push" in entry && entry.push ? ["git pushed here: a person is asked about each"] : [];
  return [...looks, ...stars, ...push];
}

export const words = {
  telemetry: "telemetry",
  flags: "feature flags or experiments",
  update: "an update of the tool",
  login: "a login, or tokens being given out",
};

function keysOf(entry: Entry): string[] {
  const why = `why: ${quote(whyOf(entry))}`;
  switch (entry.kind) {
    case "registry":
      return [
        `registry: ${entry.client} # ${entry.hosts.slice(0, 3).map(cite).join(", ")}`,
        `methods: ${quoteAll(entry.methods)}`,
        ...upstreamKeys(entry.upstream),
        why,
      ];
    case "tcp":
      return [`host: ${quote(entry.host)}`, "protocol: tcp", `ports: [${entry.port}]`, why];
    case "ssh":
      return [...sshKeys(entry), ...pathKeys(entry.lines), why];
    case "http":
      return [...httpKeys(entry), ...pathKeys(entry.lines), why];
  }
}

function httpKeys({ host, port, methods, push, upstream }: HttpEntry): string[] {
  return [
    `host: ${quote(host)}`,
    `ports: [${port}]`,
    `methods: ${quoteAll(methods)}`,
    ...(push ? ["push: ask"] : []),
    ...upstreamKeys(upstream),
  ];
}

function upstreamKeys(upstream: HttpEntry["upstream"]): string[] {
  if (upstream === undefined) return [];
  const ca = upstream.ca === undefined ? "" : `, ca: ${quote(upstream.ca)}`;
  return [`upstream: { address: ${quote(upstream.address)}${ca} }`];
}

function sshKeys({ host, port, user, key, push }: SshEntry): string[] {
  return [
    `host: ${quote(host)}`,
    "protocol: ssh",
    ...(port === 22 ? [] : [`ports: [${port}]`]),
    ...(user === "git" ? [] : [`user: ${quote(user)}`]),
    ...(key === undefined ? [] : [`key: ${quote(key)}`]),
    `push: ${push ? "ask" : "refuse"}`,
  ];
}

function pathKeys(lines: readonly Line[]): string[] {
  return ["paths:", ...lines.map(({ pattern, told }) => `  - ${quote(pattern)} # ${sayBriefly(told)}`)];
}

/** One word of a purpose, so that it is one on the record too; else when it was seen. */
function whyOf(entry: Entry): string {
  if (entry.kind === "http" && entry.purpose !== "other") return entry.purpose;
  if (entry.kind === "registry") return "registry";
  const [span] = entry.told.spans;
  return `seen in ${span?.session ?? "a session"}, entry ${span?.first ?? "?"}`;
}
