// What was seen → a lesson. Every line of it is explained by something that was seen; what is more than a bound is counted and
// told, and never made a wider grant. Everything that enters is attacker-controlled.

import { parseHostPattern } from "../host-pattern.ts";
import { maxLearnedPlaces, maxToldLines } from "../limits.ts";
import type { RegistryClient } from "../registry.ts";
import type { CredentialUse, Entry, Lesson, List, RegistryEntry, SshEntry, TcpEntry } from "./lesson.ts";
import { entriesOf, Place } from "./place.ts";
import type { Fate, Seen, SeenConnection, SeenRequest, SeenSsh } from "./seen.ts";
import { patternOf, repositoryOf } from "./shapes.ts";
import { suspect } from "./suspicion.ts";
import { join, Tally } from "./tally.ts";
import { within } from "./within.ts";

export function gather(seen: Iterable<Seen>): Lesson {
  const gathering = new Gathering();
  for (const one of seen) gathering.take(one);
  return gathering.lesson();
}

/** Rows by a key, bounded; what finds no room is counted. */
class Rows<Row> {
  readonly rows = new Map<string, Row>();
  more = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  at(key: readonly unknown[], make: () => Row): Row | undefined {
    const text = JSON.stringify(key);
    const known = this.rows.get(text);
    if (known !== undefined) return known;
    if (this.rows.size >= this.#most) {
      this.more += 1;
      return undefined;
    }
    const row = make();
    this.rows.set(text, row);
    return row;
  }
}

interface Listing {
  readonly what: string;
  readonly reason: string;
  readonly tally: Tally;
}

interface SshRow extends Omit<SshEntry, "told" | "lines" | "push" | "suspicion"> {
  readonly lines: Rows<{ readonly tally: Tally; push: boolean }>;
}

interface RegistryRow {
  readonly client: RegistryClient;
  readonly proposed: RegistryEntry["proposed"];
  readonly upstream: RegistryEntry["upstream"];
  readonly methods: Set<string>;
  readonly hosts: Set<string>;
  readonly tally: Tally;
}

interface CredentialRow {
  readonly tally: Tally;
  readonly places: Map<string, Set<string>>;
}

const standsAsGrant = (fate: Fate): boolean => fate === "granted" || fate === "audit";

class Gathering {
  readonly #places = new Rows<Place>(maxLearnedPlaces);
  readonly #registries = new Rows<RegistryRow>(20);
  readonly #ssh = new Rows<SshRow>(maxLearnedPlaces);
  readonly #tcp = new Rows<{ readonly of: SeenConnection; readonly tally: Tally }>(maxLearnedPlaces);
  readonly #services = new Rows<Tally>(maxLearnedPlaces);
  readonly #publish = new Rows<Tally>(maxLearnedPlaces);
  readonly #credentials = new Rows<CredentialRow>(maxLearnedPlaces);
  readonly #refused = new Rows<Listing>(maxToldLines);
  readonly #names = new Rows<Listing>(maxToldLines);
  readonly #files = new Rows<Listing>(maxToldLines);
  #signed: Tally | undefined;

  take(seen: Seen): void {
    if (seen.kind === "request") this.#takeRequest(seen);
    else if (seen.kind === "opaque" || seen.kind === "service") this.#takeConnection(seen);
    else if (seen.kind === "ssh") this.#takeSsh(seen);
    else if (seen.kind === "published") this.#publish.at([seen.port], () => new Tally())?.add(seen);
    else if (seen.kind === "name") list(this.#names, seen, { what: seen.name, reason: "" });
    else if (seen.kind === "control-file") list(this.#files, seen, { what: seen.path, reason: "" });
    else {
      this.#signed ??= new Tally();
      this.#signed.add(seen);
    }
  }

  #takeRequest(seen: SeenRequest): void {
    const { fate, host, port, method, path } = seen;
    const what = `${method} ${host}:${port}${path}`;
    if (seen.registry !== undefined && fate !== "barred" && fate !== "stray") {
      this.#takeFetch(seen, seen.registry);
      return;
    }
    if (fate === "barred" || fate === "stray") {
      const about = fate === "stray" ? `${method} ${host}:${port}` : `${host}:${port}`;
      list(this.#refused, seen, { what: about, reason: seen.reason });
      return;
    }
    const pattern = patternOf(path, seen.within);
    if (pattern === undefined || !/^[A-Z]{1,32}$/.test(method) || !isWritable(host)) {
      list(this.#refused, seen, { what, reason: "cannot be written in a policy, and is not granted" });
      return;
    }
    const key = [host, port, seen.upstream?.address, seen.upstream?.ca];
    const place = this.#places.at(key, () => new Place({ host, port, upstream: seen.upstream }));
    const suspicion = suspect(seen);
    const proposed = fate === "wanted" ? "refused" : fate === "audit" ? suspicion?.looksLike : undefined;
    place?.add(seen, { pattern, proposed, suspicion });
    if (standsAsGrant(fate) && proposed === undefined) for (const id of seen.credentials) this.#lend(id, seen, pattern);
  }

  #lend(id: string, seen: SeenRequest, pattern: string): void {
    const row = this.#credentials.at([id], () => ({ tally: new Tally(), places: new Map<string, Set<string>>() }));
    row?.tally.add(seen);
    const patterns = row?.places.get(seen.host) ?? new Set();
    row?.places.set(seen.host, patterns.add(pattern));
  }

  #takeFetch(seen: SeenRequest, client: RegistryClient): void {
    const proposed = seen.fate === "wanted" ? "refused" : undefined;
    const { upstream } = seen;
    const row = this.#registries.at([client, proposed, upstream?.address, upstream?.ca], () => ({
      client,
      proposed,
      upstream,
      methods: new Set<string>(),
      hosts: new Set<string>(),
      tally: new Tally(),
    }));
    row?.methods.add(seen.method);
    if ((row?.hosts.size ?? 0) < maxToldLines) row?.hosts.add(seen.host);
    row?.tally.add(seen);
    if (proposed === undefined) for (const id of seen.credentials) this.#lend(id, seen, "");
  }

  #takeConnection(seen: SeenConnection): void {
    const { kind, fate, host, port } = seen;
    if (fate === "barred" || fate === "stray" || !isWritable(host)) {
      list(this.#refused, seen, { what: `${host}:${port}`, reason: seen.reason });
      return;
    }
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    if (kind === "service") this.#services.at([address], () => new Tally())?.add(seen);
    else this.#tcp.at([host, port, standsAsGrant(fate)], () => ({ of: seen, tally: new Tally() }))?.tally.add(seen);
  }

  #takeSsh(seen: SeenSsh): void {
    const { fate, host, port, user, key, path, push } = seen;
    const repository = repositoryOf(path);
    if (fate === "barred" || fate === "stray" || repository === undefined || !isWritable(host)) {
      list(this.#refused, seen, { what: `ssh ${host}:${port}`, reason: seen.reason });
      return;
    }
    const proposed = standsAsGrant(fate) ? undefined : "refused";
    const row = this.#ssh.at([host, port, user, key, proposed], () => ({
      ...{ kind: "ssh" as const, host, port, user, key, proposed },
      lines: new Rows<{ readonly tally: Tally; push: boolean }>(maxLearnedPlaces),
    }));
    const line = row?.lines.at([repository], () => ({ tally: new Tally(), push: false }));
    if (line === undefined) return;
    line.push ||= push;
    line.tally.add(seen);
  }

  lesson(): Lesson {
    const places = [...this.#places.rows.values()];
    const entries = [
      ...places.flatMap((place) => entriesOf(place)),
      ...[...this.#registries.rows.values()].map(registryEntry),
      ...[...this.#ssh.rows.values()].flatMap(sshEntries),
      ...[...this.#tcp.rows.values()].map(tcpEntry),
    ];
    const kept = within(entries);
    const outside = [this.#places, this.#registries, this.#ssh, this.#tcp, this.#services, this.#publish];
    const lost = [...outside, ...[...this.#ssh.rows.values()].map(({ lines }) => lines)];
    return {
      ...kept,
      services: [...this.#services.rows].map(([key, tally]) => ({ address: wordOf(key), told: tally.told() })),
      publish: [...this.#publish.rows].map(([key, tally]) => ({ port: Number(wordOf(key)), told: tally.told() })),
      credentials: [...this.#credentials.rows].map(credentialUse),
      signed: this.#signed?.told(),
      refused: listOf(this.#refused),
      names: without(listOf(this.#names), entries),
      controlFiles: listOf(this.#files),
      beyond: [...lost, ...places].reduce((sum, { more }) => sum + more, kept.cut),
    };
  }
}

function list(rows: Rows<Listing>, seen: Seen, { what, reason }: { what: string; reason: string }): void {
  rows.at([what, reason], () => ({ what, reason, tally: new Tally() }))?.tally.add(seen);
}

function listOf({ rows, more }: Rows<Listing>): List {
  return { lines: [...rows.values()].map(({ tally, ...told }) => ({ ...told, told: tally.told() })), more };
}

/** Of a host that something was asked of, the name says nothing more. */
function without({ lines, more }: List, entries: readonly Entry[]): List {
  const hosts = new Set(entries.flatMap((entry) => ("host" in entry ? [entry.host] : entry.hosts)));
  return { lines: lines.filter(({ what }) => !hosts.has(what.toLowerCase())), more };
}

function isWritable(host: string): boolean {
  const parsed = parseHostPattern(host);
  return parsed.ok && parsed.pattern.kind === "exact";
}

/** Of a key of one word. */
function wordOf(key: string): string {
  return String((JSON.parse(key) as readonly unknown[])[0]);
}

function credentialUse([key, { tally, places }]: [string, CredentialRow]): CredentialUse {
  const sorted = [...places].map(([host, patterns]) => [host, [...patterns]] as const);
  return { id: wordOf(key), told: tally.told(), places: new Map(sorted) };
}

function registryEntry({ client, methods, hosts, tally, proposed, upstream }: RegistryRow): RegistryEntry {
  const names = { methods: [...methods].sort(), hosts: [...hosts], upstream };
  return { kind: "registry", client, ...names, told: tally.told(), proposed, suspicion: undefined };
}

/** Repositories that were pushed to stand apart: a push to one explains none to another. */
function sshEntries({ lines, ...row }: SshRow): SshEntry[] {
  return [false, true].flatMap((push) => {
    const those = [...lines.rows].filter(([, line]) => line.push === push);
    if (those.length === 0) return [];
    const told = those.map(([key, { tally }]) => ({ pattern: wordOf(key), told: tally.told() }));
    return [{ ...row, push, lines: told, told: join(told.map((one) => one.told)), suspicion: undefined }];
  });
}

function tcpEntry({ of: { host, port, fate }, tally }: { of: SeenConnection; tally: Tally }): TcpEntry {
  const proposed = standsAsGrant(fate) ? undefined : "refused";
  return { kind: "tcp", host, port, told: tally.told(), proposed, suspicion: undefined };
}
