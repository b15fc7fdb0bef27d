// One entry of the record → what a person reads of it. Everything sealed is attacker-controlled and shown as text.

import type { RecordedEntry } from "../ledger/record.ts";
import { writeCommandLine } from "./command-line.ts";
import { bytes, show } from "./table.ts";

/** What became of a login. */
const acts = new Map([
  ["asked", "to be logged in at"],
  ["login", "logged in at"],
  ["refresh", "refreshed at"],
  ["kept", "had been refreshed at"],
]);

export function tellEntry({ leaf, sealed }: RecordedEntry): string {
  if (sealed === "destroyed") return "(sealed content destroyed)";
  if (sealed === "damaged") return "(sealed content damaged: postern verify says more)";
  const told = { ...sealed };
  switch (leaf.kind) {
    case "session.start":
      return `${words(told["command"])} in ${text(told["workspace"])}${without(told["missing"])}${lacks(told["lacks"])}`;
    case "session.stop":
      return `ended with ${leaf.counts["exit-code"] ?? "?"}: ${text(field(told["exit"], "reason"))}`;
    case "request":
      return `${asked(told)} ${url(told)}${by(told)}${lent(told)}`;
    case "refusal":
      return `${asked(told)} ${url(told)}  ${text(told["reason"])}${by(told)}`.trimStart();
    case "reply":
      return `${answered(leaf.counts)} to entry ${text(told["intent"])}, ${amount(leaf.counts)}${outcome(told)}`;
    case "connection":
      if (told["carried"] === "ssh") return `${text(told["method"])} ${place(told)} ${text(told["target"])}${by(told)}`;
      return `${told["carried"] === "published" ? "from this machine to " : ""}${place(told)}${by(told)}`;
    case "name":
      return `${text(told["name"] ?? told["reason"])}${by(told)}`;
    case "credential":
      return told["subject"] === undefined
        ? `${text(told["credential"])} ${acts.get(text(told["act"])) ?? "put in for"} ${text(told["host"])}`
        : `signed the ${text(told["object"])} ${text(told["subject"])}${by(told)}`;
    case "exec":
      return `${command(told)}${how(told)}`;
    case "approval":
      return approval(told, leaf.verdict);
    case "control-file":
      return Array.isArray(told["held"])
        ? `${told["held"].length} held`
        : told["call"] === undefined && told["copy"] === undefined
          ? `${text(told["path"])} to quarantine: ${text(told["why"])}`
          : `${text(told["path"])} is ${text(told["why"])}${by(told)}`;
    case "hidden-file":
      return `${text(told["path"])} is ${text(told["why"])}${by(told)}`;
    case "proof":
      return proved(leaf.counts, told);
    case "bound":
      return text(told["why"]);
    case "landing":
      return `${steps.get(told["step"]) ?? "landing"} ${leaf.counts["items"] ?? "?"} of ${text(told["of"])} in ${text(told["workspace"])}`;
    default:
      return "";
  }
}

/** How many rows of a proof held; and the first that did not. */
function proved(counts: Readonly<Record<string, number>>, told: Readonly<Record<string, unknown>>): string {
  const rows: readonly unknown[] = Array.isArray(told["rows"]) ? told["rows"] : [];
  const bad = rows.find((row) => ["open", "broken"].includes(text(field(row, "outcome"))));
  const open = counts["rules-open"] ?? 0;
  const first = bad === undefined ? "" : `: ${text(field(bad, "rule"))}, ${text(field(bad, "tried"))}`;
  const tail = open === 0 ? "" : `, ${open} did not${first}`;
  return `proved in ${text(told["workspace"])}, by ${text(told["of"])}: ${counts["rules-held"] ?? 0} held${tail}`;
}

const steps: ReadonlyMap<unknown, string> = new Map([
  ["begun", "let land"],
  ["landed", "landed"],
  ["taken-back", "took back"],
]);

/** The method; of what is said on a WebSocket, which it is. */
function asked(told: Readonly<Record<string, unknown>>): string {
  if (told["message"] !== undefined) return `message ${text(told["message"])} to`;
  return told["frame"] === undefined ? text(told["method"]) : `${text(told["frame"])} to`;
}

function url(told: Readonly<Record<string, unknown>>): string {
  const [host, port, path] = [text(told["host"]), text(told["port"]), text(told["target"] ?? told["path"])];
  return `${host}${port === "443" || port === "80" || port === "" ? "" : `:${port}`}${path}`;
}

function place(told: Readonly<Record<string, unknown>>): string {
  const [ip, port] = [
    told["ip"] ?? field(told["destination"], "ip"),
    told["port"] ?? field(told["destination"], "port"),
  ];
  // a name's address is one we made up for it
  const at = text(told["host"]) || text(ip);
  return `${at.includes(":") ? `[${at}]` : at}:${text(port)}`;
}

function by(told: Readonly<Record<string, unknown>>): string {
  const process = told["process"];
  if (process === "gone") return "  by a process that is gone";
  const executable = text(field(process, "executable"));
  return executable === "" ? "" : `  by ${executable} (${text(field(process, "pid"))})`;
}

/** Credentials put in, by name. */
function lent(told: Readonly<Record<string, unknown>>): string {
  const names = words(told["credentials"]);
  return names === "" ? "" : `  with ${names}`;
}

function command(told: Readonly<Record<string, unknown>>): string {
  const list: unknown = told["arguments"];
  const line = Array.isArray(list) ? show(writeCommandLine(list.map(text)), 120) : "";
  return line === "" ? text(told["executable"]) : line;
}

/** The file behind the name; who started it; and what somebody said. */
function how(told: Readonly<Record<string, unknown>>): string {
  const [executable, parent, reason] = [
    text(told["executable"]),
    text(field(told["parent"], "executable")),
    text(told["reason"]),
  ];
  return `  ${executable}${parent === "" ? "" : `, by ${parent}`}${reason === "" ? "" : `: ${reason}`}`;
}

function approval(told: Readonly<Record<string, unknown>>, verdict: string | undefined): string {
  const effect = told["effect"];
  const what = typeof effect === "object" && effect !== null ? `  ${askedAbout({ ...effect })}` : "";
  const said = { ask: "asked", allow: "approved", refuse: "denied" }[verdict ?? ""] ?? text(told["outcome"]);
  return `${text(told["question"])} ${said}${what}`;
}

function askedAbout(effect: Readonly<Record<string, unknown>>): string {
  if (effect["kind"] === "sign") return show(`sign ${text(effect["object"])} ${text(effect["subject"])}`, 120);
  if (effect["kind"] === "upload")
    return show(`send large files to ${text(effect["host"])} ${text(effect["repository"])}`, 120);
  if (effect["kind"] !== "push") return command(effect);
  const refs = Array.isArray(effect["updates"]) ? effect["updates"].map((update) => text(field(update, "ref"))) : [];
  return show(`push to ${text(effect["host"])} ${text(effect["repository"])} ${refs.join(" ")}`, 120);
}

function outcome(told: Readonly<Record<string, unknown>>): string {
  return told["outcome"] === "whole" || told["outcome"] === undefined ? "" : `, ${text(told["outcome"])}`;
}

function answered(counts: Readonly<Record<string, number>>): string {
  return counts["status"] ? String(counts["status"]) : "no reply";
}

function amount(counts: Readonly<Record<string, number>>): string {
  return `${bytes(counts["bytes-out"] ?? 0)} out, ${bytes(counts["bytes-in"] ?? 0)} in`;
}

function words(value: unknown): string {
  return Array.isArray(value) ? show(value.map(text).join(" "), 120) : "";
}

/** What was missing of the walls. */
function without(value: unknown): string {
  const missing = Array.isArray(value) ? value.map((one) => show(text(one), 20)) : [];
  return missing.length === 0 ? "" : `, without ${missing.join(", ")}`;
}

function lacks(value: unknown): string {
  const missing = Array.isArray(value) ? value.map((lack) => show(text(lack), 20)) : [];
  return missing.length === 0 ? "" : `, lacking ${missing.join(", ")}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? show(value, 160) : typeof value === "number" ? String(value) : "";
}
