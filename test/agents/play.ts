// One session of one published agent inside the real boundary, in a world outside that keeps whatever gets there: the vendor
// on its loopback, a listener at every other address. What comes out was seen from outside: what the vendor received, what
// /proc showed of every process inside and of the files they see, the checkout, the record, the summary.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { become, enterAs } from "../../src/boundary/linux/covered-room.ts";
import { type Profile, profileNamed } from "../../src/policy/profile.ts";
import type { Summary } from "../../src/session/summary.ts";
import { demo } from "../../src/vendor/demo.ts";
import type { Received } from "../../src/vendor/record.ts";
import { descendantsOf, environmentOf, formsOf, searchFiles, searchProcess, whileThere } from "../journeys/memory.ts";
import { openOutside } from "../journeys/outside.ts";
import type { Seen } from "../journeys/outside-listener.ts";
import { type Logged, Stage } from "../journeys/stage.ts";
import { type Installed, nodeDirectory } from "./packages.ts";
import type { Agent, Way } from "./roster.ts";
import { type Scene, type SceneName, scenes } from "./scenes.ts";
import type { Setting, Word } from "./vendor-outside.ts";

export interface Played {
  readonly key: string;
  readonly requests: readonly Received[];
  /** Of all processes of the session while the last reply was held; undefined where it never came to that. */
  readonly looked: Looked | undefined;
  /** What reached any other address. */
  readonly seen: readonly Seen[];
  /** In the checkout when the session had ended, and after the review that let everything land. */
  readonly edited: string;
  readonly landed: string;
  readonly summary: Summary | undefined;
  readonly log: readonly Logged[];
  /** What `disclosures --json` prints, where the scene is about that. */
  readonly map: string;
  readonly work: string;
  /** Files of the person's home, Postern's own state and the checkout that hold a form of the real key, in the end. */
  readonly kept: readonly string[];
  readonly seconds: number;
  /** For messages alone: nothing is judged by it. */
  readonly told: string;
}

export interface Looked {
  readonly processes: number;
  readonly bytes: number;
  /** Forms of the real key that were found, with where. */
  readonly found: readonly string[];
  /** Ids of the users inside, as the inside sees them. */
  readonly users: readonly number[];
  /** In the agent's environment, in the key's place. */
  readonly placeholder: string;
  /** The search finds what is there: the placeholder, in the agent's memory. */
  readonly sound: boolean;
}

/** An agent that hangs is ended by its stage, and this much is given to it before. */
export const patience = 170_000;

export interface Playing {
  readonly agent: Agent;
  readonly installed: Installed;
  readonly way: Way;
  readonly edits: "live" | "staged";
  /** `demo` where absent. */
  readonly scene?: SceneName;
  /** Instead of this test's user: this one's number, in no account file. Needs root. */
  readonly as?: number;
}

export async function play({
  agent: named,
  installed,
  way,
  edits,
  as,
  scene: name = "demo",
}: Playing): Promise<Played> {
  const agent: Agent = { ...named, ...way.by };
  const profile = profileNamed(agent.name);
  if (profile === undefined) throw new Error(`no profile ${agent.name}`);
  const scene: Scene = scenes[name];
  using stage = new Stage({ workspace: "parcel", files: scene.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base });
  await using vendor = await startVendor(outside.enter, {
    key,
    names: agent.hosts,
    root: agent.absolute === true ? `${stage.work}/` : "",
    scene: name,
  });
  const settings = Object.entries(way.files ?? {}).map(([path, text]) => stage.write(join(stage.home, path), text));
  const running = {
    policy: {
      files: { write: ["."], read: way.script === undefined ? settings : [installed.prefix, nodeDirectory] },
      network: {
        allow: grants(profile, { agent, way }, { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) }),
      },
      ...(agent.credentials === undefined ? {} : { credentials: agent.credentials }),
    },
    flags: ["--edits", edits, "--headless"],
    environment: {
      PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      [agent.variable]: key,
      ...scene.environment,
      ...way.environment,
    },
    before: [...outside.enter, ...(as === undefined ? [] : enterAs(become(as)))],
  };
  if (as !== undefined) stage.give(as);
  const began = Date.now();
  const directories = [join(installed.prefix, "bin"), nodeDirectory];
  const started = way.script === undefined ? [installed.program] : ["sh", "-ec", way.script, ...directories];
  const { child, ended } = stage.start([...started, ...way.words], running);
  const held = await Promise.race([vendor.held.then(() => true), ended.then(() => false)]);
  const looked = held ? look(child, stage, { key, variable: agent.variable }) : undefined;
  vendor.release();
  const { output, errors, summary } = await ended;
  const seconds = (Date.now() - began) / 1000;
  const read = (): string => readFileSync(join(stage.work, demo.mended.path), "utf8");
  const edited = read();
  const told = [output, errors];
  if (edits === "staged") {
    // what lands is what was shown
    for (const words of [[], ["--accept", "all"]]) {
      const review = await stage.call(["review", summary?.session ?? "", ...words], running);
      told.push(review.output, review.errors);
    }
  }
  const map = name === "read" ? await stage.call(["disclosures", "--json"], running) : undefined;
  const kept = searchFiles("", [stage.home, stage.state, stage.work], formsOf(key));
  const [requests, log, seen] = [await vendor.all(), await stage.log(running), await outside.seen()];
  return {
    key,
    requests,
    looked,
    seen,
    edited,
    landed: read(),
    kept,
    summary,
    log,
    map: map?.output ?? "",
    work: stage.work,
    seconds,
    told: told.join("\n"),
  };
}

/** As the profile has them, but that each leads to our vendor: a person's own grant for a host replaces the profile's. */
export function grants(
  profile: Profile,
  { agent, way }: Pick<Playing, "agent" | "way">,
  upstream: { address: string; ca: string },
): readonly object[] {
  return [
    ...(way.script === undefined ? profile.hosts : [])
      .filter(({ host, purpose }) => purpose === "inference" && agent.hosts.includes(host))
      .map(({ host, methods, paths }) => ({
        host,
        methods: way.methods ?? methods,
        paths,
        upstream,
        why: "inference",
      })),
    ...(agent.grants ?? []).map((grant) => ({ ...grant, upstream })),
  ];
}

function look(child: ChildProcess, stage: Stage, { key, variable }: { key: string; variable: string }): Looked {
  const inside = insideOf(child.pid ?? 0);
  const searched = inside.flatMap(
    (pid) =>
      whileThere(pid, () => [{ name: nameOf(pid), user: userOf(pid), ...searchProcess(pid, formsOf(key)) }]) ?? [],
  );
  const found = searched.flatMap((one) => [...one.found].map((form) => `${form} in ${one.name}`));
  const agent = inside.find((pid) => placeholderOf(pid, variable) !== undefined) ?? inside.at(-1) ?? 0;
  const placeholder = placeholderOf(agent, variable) ?? "";
  const tops = ["/dev/shm", "/etc", "/run", "/tmp", "/var", stage.home, stage.work];
  return {
    processes: searched.length,
    bytes: searched.reduce((sum, { bytes }) => sum + bytes, 0),
    found: [...found, ...searchFiles(`/proc/${agent}/root`, tops, formsOf(key))],
    users: [...new Set(searched.map(({ user }) => user))],
    placeholder,
    sound: searchProcess(agent, formsOf(placeholder)).found.has("plain"),
  };
}

/** Two process namespaces further in: the helper, which builds the walls, stands in the first. */
function insideOf(outer: number): readonly number[] {
  return descendantsOf(outer).filter((pid) => (whileThere(pid, () => levelsOf(pid)) ?? 0) > levelsOf(outer) + 1);
}

function placeholderOf(pid: number, variable: string): string | undefined {
  const environment = environmentOf(pid).split("\0");
  return environment.find((pair) => pair.startsWith(`${variable}=`))?.slice(variable.length + 1);
}

const levelsOf = (pid: number): number => statusOf(pid, "NSpid")?.length ?? 0;
const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

/** As the process itself sees it. */
function userOf(pid: number): number {
  const real = Number(statusOf(pid, "Uid")?.[0]);
  const map = readFileSync(`/proc/${pid}/uid_map`, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const [inner = 0, outer = 0] = map.find(([, from = 0, count = 0]) => real >= from && real < from + count) ?? [];
  return real - outer + inner;
}

function statusOf(pid: number, field: string): readonly string[] | undefined {
  const line = new RegExp(`^${field}:\\s+(.*)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return line?.trim().split(/\s+/);
}

const vendorFile = new URL("./vendor-outside.ts", import.meta.url).pathname;

export async function startVendor(enter: readonly string[], setting: Setting) {
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", vendorFile, JSON.stringify(setting)];
  const [program = "", ...words] = enter;
  const child = spawn(program, [...words, ...node], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const held = Promise.withResolvers<void>();
  child.on("message", (word: Word) => {
    if (word.kind === "held") held.resolve();
  });
  const ready = await heard(child, "ready");
  return {
    address: ready.address,
    ca: ready.ca,
    held: held.promise,
    release: () => void child.send("release"),
    all: async (): Promise<readonly Received[]> => {
      child.send("tell");
      return (await heard(child, "all")).requests.map((one) => ({ ...one, body: Buffer.from(one.body) }));
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

function heard<Kind extends Word["kind"]>(child: ChildProcess, kind: Kind): Promise<Extract<Word, { kind: Kind }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<Word, { kind: Kind }>>();
  child.once("exit", () => reject(new Error("the vendor outside has ended")));
  child.on("message", (word: Word) => {
    if (word.kind === kind) resolve(word as Extract<Word, { kind: Kind }>);
  });
  return promise;
}
