// What an untrusted repository's policy asks for beyond narrowing: listed, never counted. One table says which keys a
// repository may hold by itself.

import { dotted, type Notice } from "./fault.ts";
import type { Joining } from "./joining.ts";
import type { Layer } from "./layers.ts";
import { isGranted } from "./paths.ts";
import type { Policy } from "./policy.ts";
import { absolute } from "./way.ts";

/** Keys by which a repository only hides, labels, asks, denies or is stricter; joined by the strictest word. */
const narrowing: readonly string[] = [
  "version",
  "mode",
  "require",
  "edits",
  "files.hide",
  "files.mask",
  "network.profile",
  "commands",
  "labels",
  "rules",
  "tools",
  "personal-data",
  "covert",
];

/** In the order of the file. */
export function requestsOf(joining: Joining, layer: Layer, files: Policy["files"]): Notice[] {
  const { workspace, home } = joining.sources;
  return wideningIn(layer.parsed.value).flatMap(({ path, value }) => {
    const [, kind] = path;
    const isPath = path[0] === "files" && (kind === "write" || kind === "read") && typeof value === "string";
    if (isPath && isGranted(files, kind, absolute(value, workspace, home))) return [];
    return [
      layer.parsed.notice(layer.name, {
        key: path,
        message: `the repository asks for \`${dotted(path)}\`: nothing of it counts until you trust this file`,
        hint: `read it, then: postern trust ${layer.parsed.file}`,
        example: inOwnWords(path, value),
        about: isPath ? absolute(value, workspace, home) : hostOf(value),
      }),
    ];
  });
}

interface Asked {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
}

/** Every grant by itself: the entries of lists and maps of names, else the key. */
function wideningIn(value: Readonly<Record<string, unknown>>): Asked[] {
  const top = Object.entries(value).flatMap(([key, inner]) =>
    key === "files" || key === "network" ? spread([key], inner) : [{ path: [key], value: inner }],
  );
  return top
    .filter(({ path, value }) => value !== undefined && !narrowing.includes(path.join(".")))
    .flatMap(({ path, value }) => (path[0] === "proxy" ? [{ path, value }] : spread(path, value)));
}

function spread(path: readonly PropertyKey[], value: unknown): Asked[] {
  if (Array.isArray(value)) return value.map((inner: unknown, index) => ({ path: [...path, index], value: inner }));
  if (typeof value !== "object" || value === null) return [{ path, value }];
  return Object.entries(value).map(([key, inner]) => ({ path: [...path, key], value: inner }));
}

function hostOf(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && "host" in value && typeof value.host === "string"
    ? value.host
    : undefined;
}

/** The lines of a user's own policy that would grant the same. */
function inOwnWords(path: readonly PropertyKey[], value: unknown): string {
  const [section, key, index] = path;
  if (typeof key !== "string") return `${String(section)}: ${JSON.stringify(value)}`;
  if (typeof index !== "number") return `${String(section)}:\n  ${key}: ${JSON.stringify(value)}`;
  return `${String(section)}:\n  ${key}:\n    - ${JSON.stringify(value)}`;
}
