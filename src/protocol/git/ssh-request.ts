// The words with which git starts ssh (git(1), GIT_SSH_COMMAND, variant ssh) → what it wants of which server. Pure.
// *Attacker-controlled*: only what git itself writes for a fetch or a push is read; everything else is refused by a reason.

import { parseHost } from "../../domain/brand.ts";
import type { GitService, SshRequest } from "../../domain/git-desk.ts";

const command = /^(git-upload-pack|git-receive-pack) '([A-Za-z0-9._~/+@=,:%-]{1,1024})'$/;

/** git-lfs writes no quotes. */
const large = /^(git-lfs-authenticate) ([A-Za-z0-9._~/+@=,:%-]{1,1024}) (upload|download)$/;

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
  const [, service, repository = "", named] = command.exec(asked) ?? large.exec(asked) ?? [];
  if (!isService(service)) return "it is no fetch and no push of git's";
  const operation = named === "upload" || named === "download" ? named : undefined;
  // a server's own git would take it for an option
  if (repository.startsWith("-")) return "it names no repository";
  const spoken = version !== undefined && /^version=[012]$/.test(version) ? version : undefined;
  return { host, user, port: options.port, service, repository, version: spoken, ...(operation && { operation }) };
}

function isService(word: string | undefined): word is GitService {
  return word === "git-upload-pack" || word === "git-receive-pack" || word === "git-lfs-authenticate";
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
