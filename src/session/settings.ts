// The caller's variables that say which model and which endpoint a recognised tool is to use → those that come inside.
// Their names are the profile's; a value that holds a secret stays outside, and that is said.

import type { Prepared } from "./prepare.ts";
import type { RunRequest } from "./request.ts";

interface Caller {
  readonly environment: RunRequest["environment"];
  readonly tell: RunRequest["tell"];
}

interface Known {
  /** Of any length. */
  readonly credentials: Prepared["credentials"];
  /** In every form, and logins' tokens too. */
  readonly seekers: Pick<Prepared["seekers"], "seek">;
}

export function passSettings(
  names: readonly string[],
  { environment, tell }: Caller,
  known: Known,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    if (value === undefined) continue;
    const why = secretIn(value, known);
    if (why === undefined) passed[name] = value;
    else tell({ kind: "warning", text: `${name} is not passed on: it holds ${why}`, hint: declare });
  }
  return passed;
}

const declare = "declare the credential in the policy, and leave it out of the variable";

function secretIn(value: string, { credentials, seekers }: Known): string | undefined {
  const held =
    credentials.find(({ secret }) => value.includes(secret.reveal()))?.id ??
    seekers.seek({ kind: "target", text: value }).find(({ what }) => what === "credential")?.label;
  if (held !== undefined) return `the credential ${held}`;
  const url = URL.parse(value);
  return url !== null && `${url.username}${url.password}` !== "" ? "a user or password" : undefined;
}
