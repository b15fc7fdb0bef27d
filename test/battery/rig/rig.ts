// A person's machine for one probe: a home full of secrets, a directory of other things, a checkout, all below one
// directory and of one user; watched from outside while a target runs, compared afterwards.

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
import { layCheckout } from "./checkout.ts";
import { mintSecrets, type Place } from "./home.ts";

/** Not below /tmp, which every boundary treats in its own way. */
const ground = "/var/tmp";

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

  constructor(person: Person) {
    this.person = person;
    this.token = randomBytes(6).toString("hex");
    this.mark = `probe-${this.token}`;
    this.base = mkdtempSync(join(ground, "postern-battery-"));
    chmodSync(this.base, 0o755);
    [this.home, this.out, this.work] = [join(this.base, "home"), join(this.base, "out"), join(this.base, "work")];
    for (const path of [this.home, this.out, this.work]) mkdirSync(path, { mode: 0o755 });
    this.secrets = mintSecrets(this.token);
    for (const [path, canary] of Object.entries(this.secrets)) this.write(join(this.home, path), `${canary}\n`);
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
    for (const path of readdirSync(this.base, { recursive: true, encoding: "utf8" }))
      lchownSync(join(this.base, path), uid, gid);
  }

  /** What a file of the checkout holds; empty where it is not there. */
  read(path: string): string {
    const file = join(this.work, path);
    return existsSync(file) ? readFileSync(file, "latin1") : "";
  }

  [Symbol.dispose](): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
