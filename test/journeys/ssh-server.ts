// Debian's own sshd on loopback, for one test, with a host key and accounts of the test's; and the person's ssh: their key,
// their known hosts, their configuration. ssh and sshd find homes in /etc/passwd, so both run where that file is the test's.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

const sshd = "/usr/sbin/sshd";

/** What is missing, loudly; `false` where all is there. */
export const withoutSsh: string | false =
  process.getuid?.() !== 0
    ? "needs root: ssh looks for its files in the home that /etc/passwd names, which only root can show it another of"
    : existsSync(sshd) && existsSync("/usr/bin/ssh")
      ? false
      : "no sshd here: apt-get install openssh-server openssh-client";

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** Before whatever is to see the person's ssh. */
  readonly enter: readonly string[];
  /** The commands it was asked to run, in order. */
  readonly commands: () => readonly string[];
  /** A line of the person's private key. */
  readonly secret: string;
}

/** `root`: the home of the server's `git`, where its repositories are. */
export async function openSshServer(stage: Stage, root: string, host: string): Promise<SshServer> {
  const own = join(stage.home, ".ssh");
  const server = join(stage.base, "sshd");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  mkdirSync(join(root, ".ssh"), { recursive: true, mode: 0o700 });
  mkdirSync(server, { recursive: true });
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (const file of [join(own, "id_ed25519"), join(server, "host")])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  const port = await freePort();
  stage.write(join(root, ".ssh/authorized_keys"), readFileSync(`${own}/id_ed25519.pub`, "utf8"));
  stage.write(join(own, "known_hosts"), `${host} ${readFileSync(`${server}/host.pub`, "utf8")}`);
  stage.write(join(own, "config"), `Host ${host}\n  HostName 127.0.0.1\n  HostKeyAlias ${host}\n`);
  const log = join(server, "commands");
  const force = stage.write(
    join(server, "force"),
    `#!/bin/sh\necho "$SSH_ORIGINAL_COMMAND" >> ${log}\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  chmodSync(force, 0o755);
  const settings = `ListenAddress 127.0.0.1:${port}\nHostKey ${server}/host\nUsePAM no\nStrictModes no\nPidFile none
PermitRootLogin yes\nPasswordAuthentication no\nAcceptEnv GIT_PROTOCOL\nForceCommand ${force}\n`;
  const lines = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .filter((line) => !/^(?:root|git):/.test(line));
  const accounts = [`root:x:0:0:root:${stage.home}:/bin/sh`, `git:x:0:0:git:${root}:/bin/sh`, ...lines];
  const passwd = stage.write(join(server, "passwd"), accounts.join("\n"));
  const enter = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', passwd];
  const words = [...enter, sshd, "-D", "-e", "-f", stage.write(join(server, "config"), settings)];
  const child = spawn("env", words, { stdio: ["ignore", "ignore", "pipe"] });
  await listening(child);
  const body = readFileSync(`${own}/id_ed25519`, "utf8").split("\n");
  return {
    port,
    enter,
    commands: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
    secret: body[2] ?? "",
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (said.includes("Server listening")) resolve();
  });
  child.once("exit", () => reject(new Error(said)));
  await promise;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
