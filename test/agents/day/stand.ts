// What the three ways have in common: servers, the origin they clone, and how a home of the day looks.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environment as equipment } from "../../journeys/equipment.ts";
import { Day, startOutside, type Whereabouts } from "./day.ts";
import { forgeNames } from "./forge.ts";
import { host, openPackages, type Packages } from "./packages.ts";
import { building, project } from "./project.ts";

export interface Stand extends AsyncDisposable {
  readonly base: string;
  readonly packages: Packages;
  readonly hosts: string;
  /** PEM file: this machine's authorities and the servers' own. */
  readonly trust: string;
  /** PEM file: the servers' own authority. */
  readonly authority: string;
}

export async function openStand(): Promise<Stand> {
  const base = mkdtempSync(join(tmpdir(), "postern-day-"));
  const packages = await openPackages(join(base, "served"));
  const hosts = put(join(base, "hosts"), `127.0.0.1 localhost ${host} ${forgeNames}\n`);
  const system = execFileSync("cat", ["/etc/ssl/certs/ca-certificates.crt"]).toString();
  const trust = put(join(base, "trust.pem"), `${system}\n${packages.ca}`);
  const stand: Stand = {
    base,
    packages,
    hosts,
    trust,
    authority: put(join(base, "packages.pem"), packages.ca),
    [Symbol.asyncDispose]: async () => {
      await packages[Symbol.asyncDispose]();
      rmSync(base, { recursive: true, force: true });
    },
  };
  await build(stand);
  return stand;
}

/** Variables of whoever works there, without a boundary. */
export function environmentOf(stand: Stand, home: string, trust = stand.trust): Record<string, string> {
  const { packages } = stand;
  const temporary = join(dirname(home), "tmp");
  mkdirSync(temporary, { recursive: true });
  const told = Object.fromEntries(
    [
      "SSL_CERT_FILE",
      "GIT_SSL_CAINFO",
      "PIP_CERT",
      "REQUESTS_CA_BUNDLE",
      "CARGO_HTTP_CAINFO",
      "NODE_EXTRA_CA_CERTS",
    ].map((name) => [name, trust]),
  );
  return {
    ...equipment,
    CARGO_HOME: join(home, ".cargo"),
    ...told,
    HOME: home,
    TMPDIR: temporary,
    URL: packages.url,
    TERM: "dumb",
    PACKAGES_CA: stand.authority,
  };
}

/** As a developer's: who they are, LFS, and headers of Node where node-gyp would have fetched them to. */
export function furnish(home: string): void {
  mkdirSync(home, { recursive: true });
  const git = (...words: string[]): unknown =>
    execFileSync("git", ["config", "--global", ...words], { env: { HOME: home, PATH: process.env["PATH"] } });
  git("user.name", "Ann");
  git("user.email", "ann@example.org");
  git("init.defaultBranch", "main");
  execFileSync("git", ["lfs", "install", "--skip-repo"], { env: { HOME: home, PATH: process.env["PATH"] } });
}

/** node-gyp's own place for headers, filled as if they had been fetched. */
export function putHeaders(home: string): void {
  const version = execFileSync("/usr/bin/node", ["-p", "process.versions.node"]).toString().trim();
  const at = join(home, ".cache/node-gyp", version);
  mkdirSync(join(at, "include"), { recursive: true });
  symlinkSync("/usr/include/node", join(at, "include/node"));
  writeFileSync(join(at, "installVersion"), "99\n");
}

async function build(stand: Stand): Promise<void> {
  const home = join(stand.base, "seed/home");
  furnish(home);
  const source = join(stand.base, "seed/shop");
  for (const [path, text] of Object.entries(project))
    put(join(source, path), text.replaceAll("{url}", stand.packages.url));
  const variables = { SEED: join(stand.base, "seed"), PROJECT: source, SERVED: stand.packages.root };
  const environment = { ...environmentOf(stand, home), ...variables };
  await once(stand, environment, building);
}

const nowhere: Whereabouts = { checkout: "", port: 0, pushed: () => "", approve: () => Promise.resolve([]) };

/** One script outside, from the stand's own directory. Throws where it fails. */
export async function once(stand: Stand, environment: Readonly<Record<string, string>>, script: string): Promise<void> {
  const worker = startOutside({ hosts: stand.hosts, environment, directory: stand.base });
  const day = new Day("outside", worker, nowhere);
  const done = await day.run(script);
  day.end();
  if (done.code !== 0) throw new Error(`${script} failed: ${done.said}`);
}

function put(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
