// What we are measured against: published packages of a fixed version, installed at run time into a cache outside the
// repository, and Debian's own. What cannot be had is said loudly and left out of the table, never guessed.

import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, finish, searchPath } from "./process.ts";

/** npm packages, pinned: a benchmark that follows `latest` compares two things at once. */
const packages = {
  "@anthropic-ai/sandbox-runtime": "0.0.83",
  "@openai/codex": "0.169.0",
  "@secretlint/core": "13.0.7",
  "@secretlint/secretlint-rule-preset-recommend": "13.0.7",
} as const;
type Package = keyof typeof packages;

/** Programs and the Debian package each comes from. */
const debian = {
  mitmdump: "mitmproxy",
  squid: "squid-openssl",
  nginx: "nginx-light",
  rg: "ripgrep",
  socat: "socat",
  bwrap: "bubblewrap",
  strace: "strace",
  gcc: "gcc",
} as const;
type Program = keyof typeof debian;

export interface Rivals {
  /** Outside /tmp: codex refuses to keep its own files there. */
  readonly cache: string;
  /** A home of their own, so that nobody's configuration is read. */
  readonly home: string;
  readonly has: (program: Program) => boolean;
  /** Path to the package's entry file, undefined where it could not be installed. */
  readonly entry: (name: Package, file: string) => string | undefined;
  /** What is missing, with the command that brings it. */
  readonly missing: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

const usual = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "postern-bench");

/** `cache`: where npm's packages are kept. */
export async function findRivals(install: boolean, cache = usual): Promise<Rivals> {
  const home = join(cache, "home");
  mkdirSync(home, { recursive: true });
  const missing = [...(await installDebian(install)), ...(await installPackages(cache))];
  const entry = (name: Package, file: string) => {
    const path = join(cache, "node_modules", name, file);
    return existsSync(path) ? path : undefined;
  };
  return { cache, home, has: onPath, entry, missing, versions: await askVersions(cache) };
}

function onPath(program: string): boolean {
  return searchPath.split(":").some((folder) => folder !== "" && existsSync(join(folder, program)));
}

async function installDebian(install: boolean): Promise<readonly string[]> {
  const wanted = () => Object.entries(debian).filter(([program]) => !onPath(program));
  if (wanted().length === 0) return [];
  const names = wanted().map(([, name]) => name);
  const apt = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  if (install && process.getuid?.() === 0) {
    // RUNLEVEL=1: the packages' own services are not started
    const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    await finish({ argv: ["apt-get", "update", "-q"], env, limit: 120_000 });
    const ended = await finish({ argv: apt, env, limit: 300_000 });
    if (ended.code !== 0) process.stderr.write(`bench: ${ended.stderr.trim()}\n`);
  }
  return wanted().map(
    ([program, name]) => `${program} is missing: RUNLEVEL=1 apt-get install --no-install-recommends ${name}`,
  );
}

async function installPackages(cache: string): Promise<readonly string[]> {
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const stamp = join(cache, `installed-${wanted.join("-").replaceAll(/[^a-z0-9.-]/g, "_")}`);
  if (existsSync(stamp)) return [];
  const argv = ["npm", "install", "--prefix", cache, "--no-audit", "--no-fund", "--ignore-scripts", ...wanted];
  const ended = await finish({ argv, env: { ...ownEnvironment(), HOME: cache }, limit: 300_000 });
  if (ended.code !== 0) return wanted.map((name) => `${name} could not be installed: ${npmError(ended.stderr)}`);
  mkdirSync(stamp, { recursive: true });
  return [];
}

/** npm needs what this machine's npm needs: proxies, mirrors, certificates. */
function ownEnvironment(): Record<string, string> {
  const named = /^(?:npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/i;
  const pairs = Object.entries(process.env).filter(([name]) => named.test(name));
  return Object.fromEntries(pairs.map(([name, value]) => [name, value ?? ""]));
}

async function askVersions(cache: string): Promise<Readonly<Record<string, string>>> {
  const asked: readonly (readonly [string, Command, RegExp])[] = [
    ["mitmproxy", { argv: ["mitmdump", "--version"] }, /Mitmproxy: (\S+)/],
    ["squid", { argv: ["squid", "-v"] }, /Version (\S+)/],
    ["nginx", { argv: ["nginx", "-v"] }, /nginx\/(\S+)/],
    ["bubblewrap", { argv: ["bwrap", "--version"] }, /bubblewrap (\S+)/],
  ];
  const installed = Object.entries(packages).filter(([name]) => existsSync(join(cache, "node_modules", name)));
  const versions: Record<string, string> = Object.fromEntries(installed);
  for (const [name, command, pattern] of asked) {
    const ended = await finish(command);
    const version = pattern.exec(ended.stdout + ended.stderr)?.[1];
    if (version !== undefined) versions[name] = version;
  }
  return versions;
}

/** npm's own code for what went wrong; the rest of its message names hosts, which have no place in a kept result. */
function npmError(text: string): string {
  return /^npm error code (\S+)/m.exec(text)?.[1] ?? "npm could not be run";
}
