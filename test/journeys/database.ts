// A real PostgreSQL of this machine on loopback, for one test: a cluster of its own in a directory of its own, as a user
// who is not root. And `psql` as a client would have it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** Debian keeps each version's programs apart. */
const programs = (existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [])
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .find((bin) => ["initdb", "postgres", "psql"].every((name) => existsSync(join(bin, name))));

export const withoutPostgres: string | false =
  programs === undefined ? "no PostgreSQL here: apt-get install --no-install-recommends postgresql" : false;
export const psql = join(programs ?? "/", "psql");

export interface Database extends AsyncDisposable {
  /** One statement, asked on the host: its rows, a line each, columns apart by `|`. */
  readonly ask: (statement: string) => string;
}

/** Refuses to be root, as PostgreSQL does. */
const nobody = 65_534;
const who = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };

export async function openDatabase(port: number): Promise<Database> {
  const data = mkdtempSync(join(tmpdir(), "postern-database-"));
  if (who.uid !== undefined) chownSync(data, nobody, nobody);
  const bin = (name: string): string => join(programs ?? "/", name);
  const words = ["--pgdata", data, "--username", "shop", "--auth", "trust", "--no-sync"];
  execFileSync(bin("initdb"), words, { ...who, env, cwd: "/", stdio: "ignore" });
  const settings = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "fsync=off"];
  const child = spawn(bin("postgres"), ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
    ...who,
    env,
    cwd: "/",
    stdio: "ignore",
  });
  const ask = (statement: string): string => {
    const to = ["-h", "127.0.0.1", "-p", String(port), "-U", "shop", "-d", "postgres"];
    return execFileSync(psql, [...to, "-XAtqc", statement], {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  };
  await answering(child, ask);
  return {
    ask,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, "exit");
      child.kill("SIGQUIT");
      await gone;
      rmSync(data, { recursive: true });
    },
  };
}

async function answering(child: ChildProcess, ask: Database["ask"]): Promise<void> {
  for (;;) {
    try {
      ask("select 1");
      return;
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await setTimeout(100);
    }
  }
}
