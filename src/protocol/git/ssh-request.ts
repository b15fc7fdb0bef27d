// The words with which git starts ssh (git(1), GIT_SSH_COMMAND, variant ssh) → what it wants of which server. Pure.
// *Attacker-controlled*: only what git itself writes for a fetch or a push is read; everything else is refused by a reason.

import { parseHost } from "../../domain/brand.ts";
import type { SshRequest } from "../../domain/git-desk.ts";

const command = /^(git-upload-pack|git-receive-pack) '([A-Za-z0-9._~/+@=,:%-]{1,1024})'$/;

/** git-lfs writes no quotes. */
const lfs = /^git-lfs-(?:authenticate|transfer) '?([A-Za-z0-9._~/+@=,:%-]{1,1024})'? (?:upload|download)$/;

interface Options {
  readonly port: number | undefined;
  /** What follows them. */
  readonly rest: readonly string[];
}

export function parseSshRequest(words: readonly string[], version: string | undefined): SshRequest | string {
  const options = parseOptions(words);
  if (options === undefined) return "it has options that git does not give";
  const [target = "", asked = "", ...more] = options.rest;
  if (more.length > 0 || asked === "") return "it is no fetch and no push of git's";
  const at = target.lastIndexOf("@");
  const user = at < 0 ? undefined : target.slice(0, at);
  const host = parseHost(target.slice(at + 1));
  if (host === undefined || target.length > 320) return "it names no host";
  if (user !== undefined && !isUser(user)) return "it names no user";
  const [, service, repository = ""] = command.exec(asked) ?? [];
  if (service !== "git-upload-pack" && service !== "git-receive-pack") return "it is no fetch and no push of git's";
  // a server's own git would take it for an option
  if (repository.startsWith("-")) return "it names no repository";
  const spoken = version !== undefined && /^version=[012]$/.test(version) ? version : undefined;
  return { host, user, port: options.port, service, repository, version: spoken };
}

/**
 * What to say to whoever asks for large files over ssh (git-lfs's docs/api/authentication.md): the answer is a token for https, which
 * would be inside. *Attacker-controlled*: what is said back is no more than a host's name and a repository's, read strictly.
 */
export function adviseSsh(words: readonly string[]): string | undefined {
  const [target = "", asked = ""] = parseOptions(words)?.rest ?? [];
  const [, path] = lfs.exec(asked) ?? [];
  if (path === undefined) return undefined;
  const host = parseHost(target.slice(target.lastIndexOf("@") + 1)) ?? "HOST";
  const url = `https://${host}/${path.replace(/^\/+/, "").replace(/(?:\.git)?\/*$/, ".git")}/info/lfs`;
  return `large files (LFS) go over https here: git config lfs.url ${url}`;
}

export function isUser(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(text);
}

/** The few that git gives. Undefined where there are others. */
function parseOptions(words: readonly string[]): Options | undefined {
  let port: number | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) return { port, rest: words.slice(at) };
    if (word === "-4" || word === "-6") continue;
    at += 1;
    const value = words[at] ?? "";
    if (word === "-o" && value === "SendEnv=GIT_PROTOCOL") continue;
    port = word === "-p" && /^[1-9][0-9]{0,4}$/.test(value) ? Number(value) : 0;
    if (port < 1 || port > 65_535) return undefined;
  }
  return { port, rest: [] };
}
