// What is known to be secret when a session begins: the real credentials it puts in, and what the environment it was started from holds
// under a name that says so, or of a form that is published. Never goes inside; sought in whatever leaves.

import { parse } from "node:path";
import type { Credential } from "../../domain/reach.ts";
import { shortest } from "../../inspection/forms.ts";
import type { KnownValue } from "../../inspection/known-text.ts";
import { ownRules } from "../../inspection/rules/own.ts";
import { openRules } from "../../inspection/rules/seek.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** At most; further ones of an environment are left out. */
const most = 500;

export function knownValues(environment: Environment, credentials: readonly Credential[]): readonly KnownValue[] {
  const own = credentials.map(({ id, secret }) => ({ label: `credential ${id}`, value: secret.reveal() }));
  const around = Object.entries(environment).flatMap(([name, value]) =>
    secretsIn(name, value ?? "").map((secret) => ({ label: `environment ${name}`, value: secret })),
  );
  const seen = new Set<string>();
  return [...own, ...around]
    .filter(({ value }) => value.length >= shortest && !seen.has(value) && seen.add(value))
    .slice(0, most);
}

const telling =
  /(?:^|[_-])(?:api_?key|key|token|secret|pass|passw(?:or)?d|passphrase|pwd|credentials?|auth|cookie|dsn|pat)(?:$|[_-]|\d)/i;

function secretsIn(name: string, value: string): readonly string[] {
  if (value.length < shortest || value.length > 100_000) return [];
  const formed = rules()(value).map(({ from, to }) => value.slice(from, to));
  const password = passwordIn(value);
  if (password !== undefined) return [password, ...formed];
  return telling.test(name) && !isPlace(value) ? [value, ...formed] : formed;
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
