// A gpg home of a test's own, with keys made there: whoever signs with them is this machine's gpg and gpgsm, and their agent is ended
// with the test.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is missing, loudly; `false` where all is there. */
export const withoutGpg: string | false = ["gpg", "gpg-agent", "gpgsm"].every((name) => existsSync(`/usr/bin/${name}`))
  ? false
  : "no gpg here: apt-get install gpg gpg-agent gpgsm";

export class GpgHome implements Disposable {
  readonly directory: string;

  /** Not the home's own `.gnupg`: then its agent would be the one of whoever runs the test. */
  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { mode: 0o700 });
  }

  get environment(): Record<string, string> {
    return { PATH: "/usr/bin:/bin", HOME: this.directory, GNUPGHOME: this.directory };
  }

  #run(words: readonly string[], input = ""): string {
    const [program = "", ...rest] = words;
    return execFileSync(program, rest, {
      env: this.environment,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** Its fingerprint. */
  makeKey(who: string, passphrase = ""): string {
    const quick = ["--quick-gen-key", who, "ed25519", "sign", "never"];
    this.#run(["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase, ...quick]);
    this.forget();
    return fingerprintIn(this.#run(["gpg", "--list-secret-keys", "--with-colons", who]));
  }

  /** A certificate signed by itself, and trusted. Its fingerprint. */
  makeCertificate(name: string, email: string): string {
    const wanted = `Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\nSerial: random\nName-DN: CN=${name}\nName-Email: ${email}\n`;
    this.write("gpgsm.conf", "disable-crl-checks\n");
    const unlocked = ["--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "3", "--armor", "--generate-key"];
    const made = this.#run(["sh", "-c", `exec gpgsm ${unlocked.join(" ")} 3</dev/null`], wanted);
    this.#run(["gpgsm", "--batch", "--import"], made);
    const print = fingerprintIn(this.#run(["gpgsm", "--list-secret-keys", "--with-colons"]));
    this.write("trustlist.txt", `${print} S relax\n`);
    this.forget();
    return print;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 });
  }

  /** The private parts as they lie there: those of keys without a passphrase are plain. */
  secrets(): readonly Buffer[] {
    const folder = join(this.directory, "private-keys-v1.d");
    return readdirSync(folder).map((name) => privatePartOf(readFileSync(join(folder, name))));
  }

  /** Passphrases it has learnt. */
  forget(): void {
    this.#run(["gpgconf", "--kill", "all"]);
  }

  [Symbol.dispose](): void {
    this.forget();
  }
}

function fingerprintIn(listing: string): string {
  return /^fpr:+([0-9A-F]{40})/m.exec(listing)?.[1] ?? "";
}

/** `(d #0123…#)`, broken over lines (gnupg's agent/keyformat.txt). */
function privatePartOf(bytes: Buffer): Buffer {
  const [, digits = ""] = /\(d\s+#([0-9A-F\s]+)#\)/.exec(bytes.toString("latin1")) ?? [];
  return Buffer.from(digits.replaceAll(/\s/g, ""), "hex");
}
