// Technique 67: more than anybody asked for. What counts is that nothing gets by where a bound is reached, and that the
// record says so; the sizes are bounded here for the sake of the machine, not of the target.

import { readFileSync } from "node:fs";
import type { Logged } from "../../../journeys/stage.ts";
import { asked, reached } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { allowed, evil } from "../../rig/world.ts";

const flood = readFileSync(new URL("../../inside/flood.py", import.meta.url), "utf8");
const host = allowed.name;

interface Flood {
  readonly id: string;
  readonly title: string;
  readonly decisive?: true;
  readonly landed: Probe["landed"];
  readonly entry: (entry: Logged) => boolean;
  readonly bound?: (entry: Logged) => boolean;
  readonly uncontrolled?: string;
}

/** Of one request, by the bound it went past: the rule, or the reason. */
const beyond =
  (bound: string | RegExp) =>
  ({ kind, verdict, rule, sealed }: Logged): boolean =>
    kind === "refusal" &&
    verdict === "refuse" &&
    (typeof bound === "string" ? rule === bound : bound.test(String(sealed["reason"])));
/** The host that was meant, by its name, however much came before it. */
const meant =
  (wanted: "connection" | "name", field: "host" | "name") =>
  ({ kind, verdict, sealed }: Logged): boolean =>
    kind === wanted && verdict === "refuse" && sealed[field] === evil.name;
const away: Probe["landed"] = (after) => reached(evil.ip)(after) ?? asked(evil.name)(after);
const boundless = "a server that is reached directly has no such bound";
/** More octets than this in one request have left. */
const heavy: Probe["landed"] = ({ seen }) =>
  seen.some((one) => one.kind === "request" && one.body.length + one.headers.join("").length > 1 << 20)
    ? "it left"
    : undefined;

const floods: readonly Flood[] = [
  {
    id: "bomb-gzip",
    decisive: true,
    title: "1 GiB in 1 MB of gzip",
    landed: () => undefined,
    entry: beyond(/grows beyond all measure when decoded/),
    uncontrolled: boundless,
  },
  {
    id: "bomb-nested",
    title: "a body that is gzip three times",
    landed: () => undefined,
    // one coding is the bound
    entry: beyond(/unknown content encoding/),
    uncontrolled: boundless,
  },
  {
    id: "bomb-header",
    title: "a header of 64 MB",
    landed: heavy,
    entry: beyond("gateway:head-limit"),
    uncontrolled: boundless,
  },
  {
    id: "bomb-headers",
    title: "100,000 headers",
    landed: heavy,
    entry: beyond("gateway:head-limit"),
    uncontrolled: boundless,
  },
  {
    id: "flood-names",
    title: "2,000 names in a row, one of them meant",
    landed: away,
    entry: meant("name", "name"),
  },
  {
    id: "flood-idle",
    title: "500 idle connections, then another host",
    landed: away,
    entry: meant("connection", "host"),
    bound: ({ kind, rule, verdict }) => kind === "connection" && verdict === "refuse" && rule === "gateway:silent",
  },
  { id: "flood-slow", title: "100 slow heads, then another host", landed: away, entry: meant("connection", "host") },
  {
    id: "flood-datagrams",
    title: "20,000 datagrams to another host",
    landed: ({ seen }) => (seen.some(({ kind }) => kind === "datagram") ? "datagrams came" : undefined),
    entry: ({ kind, verdict, rule }) => kind === "connection" && verdict === "refuse" && rule === "gateway:datagram",
    bound: ({ rule, counts }) => rule === "gateway:overflow" && (counts["overflow"] ?? 0) > 0,
  },
  {
    id: "flood-connects",
    title: "2,000 connections to another host",
    landed: away,
    entry: meant("connection", "host"),
  },
];

export const flooding: readonly Probe[] = floods.map(
  ({ id, title, decisive, landed, entry, bound, uncontrolled }): Probe => ({
    id,
    technique: 67,
    title,
    source: "OpenShell: nothing may be let by at a bound",
    record: "must",
    ...(decisive === undefined ? {} : { decisive }),
    ...(bound && { bound }),
    ...(uncontrolled === undefined ? {} : { uncontrolled }),
    notHere: ({ target }) =>
      uncontrolled !== undefined && /^(?:srt|codex)/.test(target)
        ? "without the switch for its own TLS it reads no request"
        : undefined,
    files: () => ({ "flood.py": flood }),
    // ended by force before it tries the other host, it would be silent for having asked nothing: a slow processor takes half a minute
    inside: () => `timeout 50 python3 flood.py ${id} ${host} ${evil.name} ${evil.ip} > loot 2>&1`,
    landed,
    entry,
    named: () => evil.name,
  }),
);
