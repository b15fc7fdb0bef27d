// Which directories are never shown inside, not even to read: the home directory and what is above it, shared parents of
// many programs' data, and whatever holds credentials. Enters: a real path of ours; leaves: why not, or undefined.

import { readdirSync } from "node:fs";

export interface Surroundings {
  /** Real paths. */
  readonly home: string;
  readonly workspace: string;
}

/** Names in a directory that say it holds credentials or a person's own configuration. */
const telling = new Set(
  [
    ".ssh .aws .gnupg .netrc .docker .kube .git-credentials .pypirc .config .azure .gcloud .vault-token .pgpass .my.cnf",
    ".credentials.json credentials credentials.json auth.json oauth_creds.json id_rsa id_ed25519 id_ecdsa hosts.yml .env",
    "application_default_credentials.json .bash_history .zsh_history .claude.json cookies.sqlite",
  ].flatMap((names) => names.split(" ")),
);

/** Below the home directory: parents of many things that do not belong to one tool. */
const shared = [
  ".local .local/share .local/lib .local/bin .local/state .config .cache .npm .npm/_npx .nvm .volta .asdf .bun .deno bin",
  ".cargo .rustup Library .pyenv .pnpm-store go src work projects code dev Documents Desktop Downloads",
].flatMap((names) => names.split(" "));

const system = new Set([
  "/",
  "/home",
  "/root",
  "/etc",
  "/var",
  "/tmp",
  "/run",
  "/proc",
  "/dev",
  "/sys",
  "/opt",
  "/srv",
  "/mnt",
]);

export function exposes(directory: string, { home, workspace }: Surroundings): string | undefined {
  if (system.has(directory)) return "it is shared by the whole system";
  if (isAround(directory, home)) return "it is the home directory or above it";
  if (isAround(directory, workspace)) return "it is the workspace or above it";
  if (shared.some((name) => directory === `${home}/${name}`)) return "it is shared by many programs";
  // what lies in the workspace is shown anyhow
  const secret = directory.startsWith(`${workspace}/`) ? undefined : secretIn(directory);
  return secret === undefined ? undefined : `it holds ${secret}`;
}

/** A name under which credentials or a person's own configuration lie. */
export function tells(name: string): boolean {
  return telling.has(name);
}

/** Is it this path, or above it? */
export function isAround(directory: string, path: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function secretIn(directory: string): string | undefined {
  try {
    return readdirSync(directory).find((name) => telling.has(name));
  } catch {
    return undefined;
  }
}
