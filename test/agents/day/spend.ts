// One day spent in one way: a home and a clone of its own, every step, and what the record says at the end.

import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isSpecial } from "../../../src/decision/special-addresses.ts";
import { type Logged, Stage } from "../../journeys/stage.ts";
import { Day, startOutside, type Way, workerFile } from "./day.ts";
import { type Forge, lookAtForge, openForge } from "./forge.ts";
import { host } from "./packages.ts";
import { environmentOf, furnish, once, putHeaders, type Stand } from "./stand.ts";
import { type Step, type Taken, withoutPorts } from "./steps.ts";

export interface Spent {
  readonly way: Way;
  readonly taken: ReadonlyMap<string, Taken>;
  /** Empty outside. */
  readonly log: readonly Logged[];
  /** What Postern said. */
  readonly errors: string;
  /** The checkout's branches, tree and configuration when all is over, and what was staged has landed. */
  readonly after: string;
  /** What a person was asked. */
  readonly asked: readonly string[];
  readonly stage: Stage;
}

export interface Spending {
  readonly stand: Stand;
  readonly steps: readonly Step[];
  readonly port: number;
  /** Of npm's registry. */
  readonly registry: Registry;
}

export async function spend(way: Way, { stand, steps, port, registry }: Spending): Promise<Spent> {
  const stage = new Stage({ workspace: "shop" });
  furnish(stage.home);
  await using forge = await openForge(way, stage, join(stand.packages.root, "git/shop.git"));
  const trust = stage.write("trust.pem", `${readFileSync(stand.trust, "utf8")}\n${forge.ca}`);
  const own = environmentOf(stand, stage.home, trust);
  // as a person has it before the day: the submodule is not there yet
  await once(stand, own, `git clone -q "$URL/git/shop.git" ${stage.work}; cd ${stage.work}; ${forge.remotes}`);
  const started =
    way === "outside"
      ? outside(stand, stage, { forge, environment: { ...own, PORT: String(port) } })
      : inside(way, { stage, stand, port, registry, forge });
  const pushed = (): string => lookAtForge(forge.bare, join(stage.base, "signers"));
  const day = new Day(way, started.child, { checkout: stage.work, port, pushed, approve: () => approve(stage) });
  const taken = new Map<string, Taken>();
  for (const step of steps) taken.set(step.name, await step.take(day));
  day.end();
  const errors = await started.errors;
  if (way === "staged") await land(stage);
  const log = way === "outside" ? [] : await stage.log();
  return { way, taken, log, errors, after: withoutPorts(look(stage)), asked: day.asked, stage };
}

/** In another terminal; what was asked. */
async function approve(stage: Stage): Promise<readonly string[]> {
  const { output } = await stage.call(["pending", "--json"]);
  const questions = output
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Question);
  for (const { id } of questions) {
    const { code, errors } = await stage.call(["approve", id]);
    if (code !== 0) throw new Error(errors);
  }
  return questions.map(
    ({ effect }) => `${effect.kind} ${effect.protocol} ${effect.updates?.map(({ ref }) => ref).join(" ")}`,
  );
}

interface Question {
  readonly id: string;
  readonly effect: {
    readonly kind: string;
    readonly protocol?: string;
    readonly updates?: readonly { readonly ref: string }[];
  };
}

/** As a person does: looks, then takes all of it. */
async function land(stage: Stage): Promise<void> {
  for (const words of [["review"], ["review", "--accept", "all"]]) {
    const { code, errors } = await stage.call(words);
    if (code !== 0) throw new Error(errors);
  }
}

function look({ work, home }: Stage): string {
  const script = `git for-each-ref --format='%(refname) %(objectname)' refs/heads; git rev-parse 'HEAD^{tree}'
git symbolic-ref HEAD; git status --porcelain; git config --local --list | grep -vE '^core\\.' | sort`;
  return execFileSync("bash", ["-ec", script], { cwd: work, env: { HOME: home, PATH: process.env["PATH"] } })
    .toString()
    .trim();
}

interface Going {
  readonly forge: Forge;
  readonly environment: Record<string, string>;
}

function outside(stand: Stand, stage: Stage, { forge, environment }: Going) {
  putHeaders(stage.home);
  const child = startOutside({
    hosts: stand.hosts,
    environment,
    directory: stage.work,
    before: forge.enter,
  });
  return { child, errors: Promise.resolve("") };
}

function inside(
  way: Way,
  { stage, stand, port, registry, forge }: { stage: Stage; forge: Forge } & Omit<Spending, "steps">,
) {
  const { packages } = stand;
  const { allow, credentials, signing } = forge.policy(stage.write("forge.pem", forge.ca));
  const upstream = { address: `127.0.0.1:${packages.port}`, ca: stage.write("packages.pem", packages.ca) };
  const policy = {
    files: {
      write: ["."],
      read: ["~/.gitconfig", process.execPath, workerFile],
      toolchains: ["node", "python", "rust", "go", "java"],
    },
    network: {
      allow: [
        { ...registry, methods: ["GET", "HEAD"], why: "registry" },
        { host, ports: [packages.port], methods: ["GET", "HEAD"], upstream, why: "registry" },
        ...allow,
      ],
      publish: [port],
    },
    credentials,
    signing,
  };
  const environment = { PATH: environmentOf(stand, stage.home)["PATH"] ?? "" };
  const started = stage.start(["env", `PORT=${port}`, `URL=${packages.url}`, process.execPath, workerFile], {
    policy,
    environment: { ...environmentOf(stand, stage.home), ...environment, FORGE_PASSWORD: forge.password },
    before: forge.enter,
    flags: ["--edits", way],
    input: "pipe",
    patience: 1_500_000,
  });
  return { child: started.child, errors: started.ended.then(({ errors }) => errors) };
}

export interface Registry {
  readonly host: string;
  readonly upstream?: { readonly address: string };
}

/** npm's, as this machine's npm is told; where that is a mirror at a private address, a person names the address too. */
export async function findRegistry(): Promise<Registry> {
  const { hostname: host } = new URL(execFileSync("npm", ["config", "get", "registry"]).toString().trim());
  const { address } = await lookup(host, { family: 4 });
  return isSpecial(address) ? { host, upstream: { address: `${address}:443` } } : { host };
}
