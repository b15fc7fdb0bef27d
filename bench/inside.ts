// Programs of ours run inside a real session: its own policy and state, a placeholder for a key, the real one put in by the gateway.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SourceText } from "./corpus.ts";
import type { Seen } from "./probe.ts";
import { type Ended, finish } from "./process.ts";

export interface Grounds {
  /** Bundled. */
  readonly cli: string;
  /** Where everything is kept. */
  readonly folder: string;
  readonly upstream: { readonly port: number; readonly ca: string };
  readonly name: string;
  /** The gateway's process is watched (probe.ts). */
  readonly watched?: boolean;
  /** Files of this folder that the program needs. */
  readonly copied: readonly string[];
  /** What lies in the workspace beside it. */
  readonly sources?: readonly SourceText[];
  readonly files?: Readonly<Record<string, string>>;
}

export interface Program {
  readonly file: string;
  readonly argument: object;
  /** Milliseconds. */
  readonly limit: number;
}

export type Ran = Ended & {
  /** What was seen in the gateway's process. */
  readonly seen: Seen | undefined;
};

const here = (file: string) => new URL(file, import.meta.url).pathname;

export function openInside(grounds: Grounds): (program: Program) => Promise<Ran> {
  const { cli, folder, upstream, name } = grounds;
  const workspace = join(folder, "work");
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  };
  mkdirSync(workspace);
  for (const file of grounds.copied) copyFileSync(here(file), join(workspace, file));
  for (const { path, text } of grounds.sources ?? []) put(`src/${path}`, text);
  for (const [path, text] of Object.entries(grounds.files ?? {})) put(path, text);
  const [key, policy, seen] = ["real-key", "policy.yaml", "seen.json"].map((one) => join(folder, one));
  if (key === undefined || policy === undefined || seen === undefined) throw new Error("no place");
  writeFileSync(key, "sk-bench-real-0123456789abcdef0123456789", { mode: 0o600 });
  const grant = { host: name, methods: ["POST"], paths: ["/v1/messages**"], why: "inference" };
  const network = { allow: [{ ...grant, upstream: { address: `127.0.0.1:${upstream.port}`, ca: upstream.ca } }] };
  const anthropic = { from: { file: key }, to: { host: name, header: "x-api-key" }, as: "ANTHROPIC_API_KEY" };
  writeFileSync(policy, JSON.stringify({ version: 1, mode: "enforce", network, credentials: { anthropic } }));
  const env = {
    HOME: folder,
    POSTERN_HOME: join(folder, "state"),
    XDG_CONFIG_HOME: join(folder, "config"),
    POSTERN_BENCH_SEEN: seen,
  };
  return async ({ file, argument, limit }) => {
    rmSync(seen, { force: true });
    const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
    const inside = [...node, file, JSON.stringify({ ...argument, host: name, port: 443, name })];
    const watching = grounds.watched === true ? ["--import", here("./probe.ts")] : [];
    const command = [cli, "run", "--headless", "--policy", policy, "--", ...inside];
    const argv = [...node, ...watching, ...command];
    const ended = await finish({ argv, env, cwd: workspace, limit });
    return { ...ended, seen: existsSync(seen) ? (JSON.parse(readFileSync(seen, "utf8")) as Seen) : undefined };
  };
}
