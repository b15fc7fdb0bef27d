// Where the day is pushed to: one bare repository of its own for each way, served over HTTPS with a password and over ssh with a
// key, both the person's. Outside, git has them as anybody's git does; inside it has neither.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openGitServer } from "../../journeys/git-server.ts";
import { openSshServer, withoutSsh } from "../../journeys/ssh-server.ts";
import type { Stage } from "../../journeys/stage.ts";
import type { Way } from "./day.ts";

const host = "git.example.org";
const sshHost = "ssh.example.org";
export const forgeNames = `${host} ${sshHost}`;

export interface Forge extends AsyncDisposable {
  readonly bare: string;
  /** Remotes of the person's clone. */
  readonly remotes: string;
  /** PEM of the HTTPS server's authority. */
  readonly ca: string;
  /** Before whatever is to see the person's ssh. */
  readonly enter: readonly string[];
  readonly password: string;
  readonly policy: (authority: string) => ForgePolicy;
}

interface ForgePolicy {
  readonly allow: readonly object[];
  readonly credentials: object;
  readonly signing: object;
}

/** Why ssh and signing are not tried. */
export const withoutForge: string | false = withoutSsh && `NOT TRIED: ${withoutSsh}`;

export async function openForge(way: Way, stage: Stage, origin: string): Promise<Forge> {
  const root = join(stage.base, "forge");
  const bare = join(root, "shop.git");
  const password = `pw-${randomBytes(12).toString("hex")}`;
  execFileSync("git", ["clone", "-q", "--bare", origin, bare]);
  execFileSync("git", ["-C", bare, "config", "http.receivepack", "true"]);
  const https = await openGitServer({ root, name: host, pair: `jane:${password}` });
  const ssh = withoutForge === false ? await openSshServer(stage, root, sshHost) : undefined;
  if (ssh !== undefined) own(way, stage, { password, place: `https://${host}:${https.address.split(":")[1]}/` });
  return {
    bare,
    ca: https.ca,
    password,
    remotes: [
      `git remote add forge https://${host}/shop.git`,
      `git remote add forge-ssh ssh://git@${sshHost}:${ssh?.port ?? 22}/~/shop.git`,
    ].join("\n"),
    enter: ssh?.enter ?? [],
    policy: (authority) => ({
      allow: [
        {
          host,
          paths: ["/shop.git/**"],
          push: "ask",
          upstream: { address: https.address, ca: authority },
        },
        { host: sshHost, protocol: "ssh", ports: [ssh?.port ?? 22], paths: ["/~/shop.git"] },
      ],
      credentials: {
        forge: {
          from: { env: "FORGE_PASSWORD" },
          to: { host, header: "authorization", scheme: "basic", user: "jane" },
        },
      },
      signing: { key: join(stage.home, ".ssh/id_ed25519") },
    }),
    [Symbol.asyncDispose]: async () => {
      await https[Symbol.asyncDispose]();
      await ssh?.[Symbol.asyncDispose]();
    },
  };
}

/** The person's git: how it signs; and outside, where it has the password from. */
function own(way: Way, stage: Stage, { password, place }: { password: string; place: string }): void {
  const key = join(stage.home, ".ssh/id_ed25519.pub");
  stage.write("password", password);
  stage.write("signers", `ann@example.org namespaces="git" ${readFileSync(key, "utf8")}`);
  if (way !== "outside") return;
  for (const [name, value] of [
    // a port of its own, which nobody outside dials in its stead
    [`url.${place}.insteadOf`, `https://${host}/`],
    ["gpg.format", "ssh"],
    ["user.signingKey", key],
    ["credential.helper", `!f() { echo username=jane; echo password=${password}; }; f`],
  ] as const)
    execFileSync("git", ["config", "--global", name, value], { env: { HOME: stage.home, PATH: "/usr/bin:/bin" } });
}

/** What the server holds, as this machine's git says: branches, and whose signature the signed one has. */
export function lookAtForge(bare: string, signers: string): string {
  const git = (...words: string[]): string => {
    const apart = ["-C", bare, "-c", `gpg.ssh.allowedSignersFile=${signers}`, "-c", "safe.directory=*"];
    const script = 'git "$@" 2>&1 || true';
    return execFileSync("sh", ["-c", script, "sh", ...apart, ...words], {
      env: { PATH: "/usr/bin:/bin", HOME: bare },
    }).toString();
  };
  const branches = git("for-each-ref", "--format=%(refname) %(tree) %(subject)", "refs/heads");
  return branches + git("verify-commit", "refs/heads/signed").replace(/with ED25519 key .*/, "");
}
