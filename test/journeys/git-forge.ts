// A server for git over https on loopback with a person's password for it, and a policy that lets a tool use both.

import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type GitServer, headOf, makeBare, openGitServer, type Speaking } from "./git-server.ts";
import { Stage } from "./stage.ts";

export const host = "git.example.com";
export const url = `https://${host}/team/one.git`;

export interface Forge extends AsyncDisposable {
  readonly stage: Stage;
  readonly server: GitServer;
  /** Bare repositories. */
  readonly one: string;
  readonly two: string;
  readonly password: string;
  readonly policy: (push: string | undefined, more?: object) => object;
}

export async function openForge(user = "jane", speaking: Speaking = {}): Promise<Forge> {
  const stage = new Stage({ git: true, files: { "a.txt": "a\n" } });
  const password = `pw-${randomBytes(18).toString("hex")}`;
  const root = join(stage.base, "srv");
  const two = makeBare(root, "other/two.git");
  const modules = `[submodule "two"]\n\tpath = two\n\turl = https://${host}/other/two.git\n`;
  const one = makeBare(root, "team/one.git", { ".gitmodules": modules }, { two: headOf(two) });
  const server = await openGitServer({ root, name: host, pair: `${user}:${password}`, ...speaking });
  const ca = stage.write("git.pem", server.ca);
  chmodSync(stage.write("home/forge.key", `${password}\n`), 0o600);
  // what the person has: a helper that is nowhere inside, a name
  stage.write("home/.gitconfig", "[user]\n\tname = Jane\n\temail = jane@example.org\n[credential]\n\thelper = store\n");
  return {
    stage,
    server,
    one,
    two,
    password,
    policy: (push, more = {}) => ({
      files: { write: ["."], read: [process.execPath, "~/.gitconfig"] },
      network: {
        allow: [
          {
            host,
            paths: ["/team/**", "/other/**"],
            upstream: { address: server.address, ca },
            ...(push === undefined ? {} : { push }),
          },
        ],
      },
      credentials: {
        forge: {
          from: { file: "~/forge.key" },
          to: { host, header: "authorization", scheme: "basic", user, ...more },
        },
      },
    }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      stage[Symbol.dispose]();
    },
  };
}
