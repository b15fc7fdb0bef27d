// What is known to be secret when a session begins: the real credentials it puts in, tokens of its logins, what the environment it was
// started from holds under a name that says so, or of a form that is published, and what is withheld of its files (veiled-values.ts).
// Never goes inside; sought in whatever leaves.

import { parse } from "node:path";
import type { Credential } from "../../domain/reach.ts";
import { shortest } from "../../inspection/forms.ts";
import type { KnownValue } from "../../inspection/known-text.ts";
import { ownRules } from "../../inspection/rules/own.ts";
import { openRules } from "../../inspection/rules/seek.ts";
import type { Keep } from "../login/keep.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** At most of each: what the session has, and what is withheld of files. */
const most = 500;

export interface Beside {
  /** Tokens as they are now. */
  readonly logins?: readonly { readonly id: string; readonly keep: Pick<Keep, "secrets"> }[];
  readonly veiled?: readonly KnownValue[];
}

export function knownValues(
  environment: Environment,
  credentials: readonly Credential[],
  { logins = [], veiled = [] }: Beside = {},
): readonly KnownValue[] {
  const tokens = logins.flatMap(({ id, keep }) =>
    keep.secrets().map((secret) => ({ label: `login ${id}`, value: secret.reveal() })),
  );
  const own = credentials.map(({ id, secret }) => ({ label: `credential ${id}`, value: secret.reveal() }));
  const around = Object.entries(environment).flatMap(([name, value]) =>
    secretsIn(name, value ?? "").map((secret) => ({ label: `environment ${name}`, value: secret })),
  );
  const seen = new Set<string>();
  const first = (values: readonly KnownValue[]): KnownValue[] =>
    values.filter(({ value }) => value.length >= shortest && !seen.has(value) && seen.add(value)).slice(0, most);
  return [...first([...own, ...tokens, ...around]), ...first(veiled)];
}

const telling =
  /(?:^|[_-])(?:api_?key|key|token|secret|pass|passw(?:or)?d|passphrase|pwd|credentials?|auth|cookie|dsn|pat)(?:$|[_-]|\d)/i;

/** And what is said of a secret that is none: whose, where, how long. */
const beside = /(?:domain|name|host|region|user|email|algorithm|type|version|ttl|expir[a-z]*|client_?id|enabled)$/i;

/** `name`: what the value stands under. */
export function secretsIn(name: string, value: string): readonly string[] {
  if (value.length < shortest || value.length > 100_000) return [];
  const formed = rules()(value).map(({ from, to }) => value.slice(from, to));
  const password = passwordIn(value);
  if (password !== undefined) return [password, ...formed];
  return telling.test(name) && !beside.test(name) && !isPlace(value) ? [value, ...formed] : formed;
}

let opened: ReturnType<typeof openRules> | undefined;
const rules = (): ReturnType<typeof openRules> =>
  (opened ??= openRules(ownRules.filter(({ sure }) => sure === "format")));

/** Of a URL. */
function passwordIn(value: string): string | undefined {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:([^\s/@]+)@/i.exec(value) ?? [];
  return password === undefined ? undefined : unescaped(password);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A socket, a directory, a file, an address. */
const isPlace = (value: string): boolean => parse(value).root !== "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(value);
