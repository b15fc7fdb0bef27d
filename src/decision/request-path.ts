// A request's path as it stands on the wire (attacker-controlled) → why programs might read it differently, or undefined.
// Such a path is refused as it is; it is never normalised, because the upstream may normalise otherwise.

/** RFC 3986 §3.3, §6.2.2; the cases are those by which path rules were bypassed elsewhere. */
const readings: readonly { readonly form: RegExp; readonly why: string }[] = [
  { form: /^(?!\/)/, why: "does not begin with a slash" },
  { form: /[^\u0021-\u007e]/, why: "holds a space, control or non-ASCII character" },
  { form: /#/, why: "holds a fragment" },
  { form: /\?/, why: "holds a query" },
  { form: /%(?![0-9a-f]{2})/i, why: "holds a percent sign that encodes nothing" },
  { form: /%(?:[01][0-9a-f]|7f)/i, why: "holds an encoded control character" },
  { form: /\/\//, why: "holds an empty segment" },
  { form: /\\|%5c/i, why: "holds a backslash" },
  { form: /%2f/i, why: "holds an encoded slash" },
  { form: /;|%3b/i, why: "holds a path parameter" },
  { form: /%2e/i, why: "holds an encoded dot" },
  { form: /\/\.{1,2}(?:\/|$)/, why: "holds a dot segment" },
  { form: /%25[0-9a-f%]/i, why: "holds a double encoding" },
];

export function ambiguity(path: string): string | undefined {
  return readings.find(({ form }) => form.test(path))?.why;
}

/**
 * The path of a scoped package as npm writes it (`/@scope%2fname`) → with its slash; any other as it is. Either reading lies
 * below the same directory, and neither name can be a dot segment.
 */
export function withoutScope(path: string): string {
  return path.replace(/(\/@[a-z0-9~-][a-z0-9._~-]{0,213})%2f([a-z0-9~-][a-z0-9._~-]{0,213})$/i, "$1/$2");
}
