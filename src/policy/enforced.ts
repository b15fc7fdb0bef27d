// The one table of what is enforced today. A key that stands in a file and is not covered here makes `run` exit 125 in
// enforce and warn in audit; work that builds one moves its line in.

/** `*` stands for a name or an index; everything below a listed key is covered. */
export const enforcedKeys: readonly string[] = [
  "version",
  "mode",
  "require",
  "edits",
  "extends",
  "files.write",
  "files.read",
  "files.hide",
  "files.mask",
  "files.toolchains",
  "network.allow.*.host",
  "network.allow.*.registry",
  "network.allow.*.ports",
  "network.allow.*.protocol",
  "network.allow.*.methods",
  "network.allow.*.paths",
  "network.allow.*.push",
  "network.allow.*.push-limit",
  "network.allow.*.user",
  "network.allow.*.key",
  "network.allow.*.upstream",
  "network.allow.*.why",
  "network.allow.*.owner",
  "network.allow.*.until",
  "network.profile",
  "network.publish",
  "network.services",
  "credentials.*.from.env",
  "credentials.*.from.file",
  "credentials.*.from.command",
  "credentials.*.from.login",
  "credentials.*.from.of",
  "credentials.*.from.registry",
  "credentials.*.to",
  "credentials.*.as",
  "credentials.*.why",
  "credentials.*.owner",
  "credentials.*.until",
  "commands",
  "personal-data",
  "covert",
  "labels",
  "protected",
  "secret-rules",
  "trusted-sources",
  "signing",
  "outer",
  "tools.*.status",
  "tools.*.warn-from",
  "tools.*.from",
  "tools.*.why",
  "tools.*.owner",
  "tools.*.until",
  "limits.mode",
  "limits.edits",
  "limits.accept-grades",
  "limits.hosts",
  "limits.credentials",
  "limits.files",
  "proxy",
];

/** A parsed file → the paths of its topmost keys that nothing enforces yet. */
export function unenforcedIn(value: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] {
  if (value === undefined || path.some((_, index) => covers(path.slice(0, index + 1)))) return [];
  const below = typeof value === "object" && value !== null && (path.length === 0 || leads(path));
  if (!below) return [path];
  const steps: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return steps.flatMap(([step, inner]) => unenforcedIn(inner, [...path, step]));
}

function covers(path: readonly PropertyKey[]): boolean {
  return enforcedKeys.some((key) => {
    const steps = key.split(".");
    return steps.length === path.length && agrees(steps, path);
  });
}

/** Does any enforced key stand below this one? */
function leads(path: readonly PropertyKey[]): boolean {
  return enforcedKeys.some((key) => {
    const steps = key.split(".");
    return steps.length > path.length && agrees(steps, path);
  });
}

function agrees(steps: readonly string[], path: readonly PropertyKey[]): boolean {
  return path.every((step, index) => steps[index] === "*" || steps[index] === step);
}
