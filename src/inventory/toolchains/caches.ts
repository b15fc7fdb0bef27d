// What package managers keep for later, by the names they use: a directory of Postern's own stands at each one's usual place
// in the private home, the same for every session of a person. The host's own are never there. At the usual places, so that
// what is built inside names the same paths as what is built outside; variables say the same once more.

import type { Toolchain } from "../../policy/policy.ts";

export interface Cache {
  readonly toolchain: Toolchain;
  /** Its directory among Postern's caches. */
  readonly name: string;
  /** From the home. */
  readonly path: string;
  /** A lock that sessions share is a file. */
  readonly isFile?: boolean;
}

const all: readonly Cache[] = [
  { toolchain: "node", name: "npm", path: ".npm" },
  { toolchain: "node", name: "pnpm-store", path: ".local/share/pnpm/store" },
  { toolchain: "node", name: "pnpm", path: ".cache/pnpm" },
  { toolchain: "node", name: "yarn", path: ".cache/yarn" },
  { toolchain: "node", name: "yarn-berry", path: ".yarn/berry" },
  { toolchain: "node", name: "corepack", path: ".cache/node/corepack" },
  { toolchain: "node", name: "node-gyp", path: ".cache/node-gyp" },
  { toolchain: "node", name: "bun", path: ".bun/install/cache" },
  { toolchain: "python", name: "pip", path: ".cache/pip" },
  { toolchain: "python", name: "uv", path: ".cache/uv" },
  // not the whole of CARGO_HOME: its config.toml names programs to run
  { toolchain: "rust", name: "cargo-registry", path: ".cargo/registry" },
  { toolchain: "rust", name: "cargo-git", path: ".cargo/git" },
  { toolchain: "rust", name: "cargo-lock", path: ".cargo/.package-cache", isFile: true },
  { toolchain: "rust", name: "cargo-lock-mutate", path: ".cargo/.package-cache-mutate", isFile: true },
  { toolchain: "go", name: "go-mod", path: "go/pkg/mod" },
  { toolchain: "go", name: "go-build", path: ".cache/go-build" },
  // Gradle's is not here: its locks are given up by messages over loopback, which do not pass between two sessions
  { toolchain: "java", name: "maven", path: ".m2/repository" },
];

export function cachesOf(wanted: readonly Toolchain[]): readonly Cache[] {
  return all.filter(({ toolchain }) => wanted.includes(toolchain));
}

/** From the home, but for the last. */
const variables: Readonly<Record<Toolchain, Readonly<Record<string, string>>>> = {
  node: { npm_config_cache: ".npm" },
  python: { PIP_CACHE_DIR: ".cache/pip", UV_CACHE_DIR: ".cache/uv" },
  rust: { CARGO_HOME: ".cargo" },
  go: { GOMODCACHE: "go/pkg/mod", GOCACHE: ".cache/go-build" },
  java: {},
};

export function cacheVariables(wanted: readonly Toolchain[], home: string): Readonly<Record<string, string>> {
  const places = wanted.flatMap((toolchain) => Object.entries(variables[toolchain]));
  // no file of a cache has a second name in a checkout: it is another mount, and uv would warn each time
  const copying = wanted.includes("python") ? { UV_LINK_MODE: "copy" } : {};
  return { ...Object.fromEntries(places.map(([name, path]) => [name, `${home}/${path}`])), ...copying };
}
