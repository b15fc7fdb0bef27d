// A person's machine for one probe: a home full of secrets, a directory of other things, a checkout, all below one
// directory and of one user; watched from outside while a target runs, compared afterwards.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { layCheckout } from "./checkout.ts";
import { mintSecrets, type Place } from "./home.ts";
import { living } from "./observer.ts";

/** Not below /tmp, which every boundary treats in its own way. */
const ground = "/var/tmp";
const ear = new URL("../inside/ear.py", import.meta.url).pathname;

export interface Person {
  readonly uid: number;
  readonly gid: number;
}

export class Rig implements Disposable {
  readonly base: string;
  readonly home: string;
  /** Belongs to the person; no boundary was told of it. */
  readonly out: string;
  readonly work: string;
  /** Twelve hexadecimal digits that are nowhere else on this machine. */
  readonly token: string;
  /** In the command of every process of the probe. */
  readonly mark: string;
  readonly secrets: Readonly<Record<Place, string>>;
  readonly person: Person;

  /** Words before a command, to run it in the world outside. */
  readonly enter: readonly string[];
  readonly #ears: ChildProcess[] = [];

  constructor(person: Person, enter: readonly string[]) {
    this.person = person;
    this.enter = enter;
    this.token = randomBytes(6).toString("hex");
    this.mark = `probe-${this.token}`;
    this.base = mkdtempSync(join(ground, "postern-battery-"));
    chmodSync(this.base, 0o755);
    [this.home, this.out, this.work] = [join(this.base, "home"), join(this.base, "out"), join(this.base, "work")];
    for (const path of [this.home, this.out, this.work]) mkdirSync(path, { mode: 0o755 });
    this.secrets = mintSecrets(this.token);
    for (const [path, canary] of Object.entries(this.secrets)) this.write(join(this.home, path), `${canary}\n`, 0o600);
    this.write(join(this.out, "file"), "outside\n");
    layCheckout(this.work, this.home);
  }

  write(path: string, text: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
  }

  /** Everything becomes the person's. Only root can. */
  give(): void {
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = this.person;
    for (const top of [this.home, this.out, this.work]) {
      lchownSync(top, uid, gid);
      for (const path of readdirSync(top, { recursive: true, encoding: "utf8" })) lchownSync(join(top, path), uid, gid);
    }
  }

  /** What a file of the checkout holds; empty where it is not there. */
  read(path: string): string {
    const file = join(this.work, path);
    return existsSync(file) ? readFileSync(file, "latin1") : "";
  }

  /** A server on a Unix socket, as the person's: by pathname, or abstract where the name begins with `@`. */
  async listen(kind: "stream" | "datagram", name: string): Promise<void> {
    const into = join(this.base, `heard-${this.#ears.length}`);
    const words = ["python3", ear, kind, name, into];
    const [program = "python3", ...rest] = this.enter;
    this.#ears.push(spawn(program, [...rest, ...words], { stdio: "ignore" }));
    for (let turn = 0; turn < 500 && !existsSync(into); turn += 1) await sleep(10);
    if (!existsSync(into)) throw new Error(`no server on ${name}`);
  }

  /** One line for each connection and datagram. */
  heard(): readonly string[] {
    return this.#ears.flatMap((_, at) =>
      readFileSync(join(this.base, `heard-${at}`), "utf8")
        .trim()
        .split("\n")
        .slice(1),
    );
  }

  /** Processes of the probe that are still there; ended, for the next one's sake. */
  leftovers(): readonly number[] {
    const left = living(this.token).filter((pid) => pid !== process.pid);
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has just ended
      }
    }
    return left;
  }

  [Symbol.dispose](): void {
    for (const child of this.#ears) child.kill("SIGKILL");
    // a probe may have taken the permission to look into its directories, and to take them away
    spawnSync("chmod", ["-R", "u+rwX", this.base], { stdio: "ignore" });
    rmSync(this.base, { recursive: true, force: true });
  }
}
