// Where version managers and installers keep toolchains, by the names they use. Data: a new manager is a new row. Never in
// a row: caches, downloads, and whatever may hold a credential.

import type { Toolchain } from "../../policy/policy.ts";

export interface Manager {
  readonly toolchain: Toolchain;
  /** The variable that names its root; without it, where that is from the home. */
  readonly variable?: string;
  readonly root: string;
  /** More is put below the root inside: its variable does not pass, so that this happens in the private home. */
  readonly grows?: boolean;
  /** Below the root, shown whole. */
  readonly trees?: readonly string[];
  /** Below the root: what lies in them is shown one by one, so that more can be put beside it inside. */
  readonly shelves?: readonly string[];
  /** Only entries of shelves with such a name. */
  readonly named?: RegExp;
  /** The root itself is shown whole but for these, where it holds `evidence`. */
  readonly whole?: { readonly evidence: string; readonly hidden: readonly string[] };
  /** Below the root, each an installation of its own (`*`: any one name): where files that may hold a credential are covered. */
  readonly installations?: readonly string[];
}

const asdf = ["bin", "lib", "completions", "plugins", "shims", "asdf.sh"];

/** One row a toolchain for managers of many. */
function ofMany(plugins: Readonly<Record<Toolchain, string>>, row: Omit<Manager, "toolchain">): readonly Manager[] {
  return Object.entries(plugins).map(([toolchain, plugin]) => ({
    ...row,
    toolchain: toolchain as Toolchain,
    trees: [...(row.trees ?? []), `installs/${plugin}`],
    installations: [`installs/${plugin}/*`],
  }));
}

export const managers: readonly Manager[] = [
  {
    toolchain: "node",
    variable: "NVM_DIR",
    root: ".nvm",
    trees: ["nvm.sh", "nvm-exec", "bash_completion", "alias", "versions"],
    installations: ["versions/node/*"],
  },
  ...[".local/share/fnm", ".fnm"].map((root) => ({
    toolchain: "node" as const,
    variable: "FNM_DIR",
    root,
    trees: ["node-versions", "aliases"],
    installations: ["node-versions/*/installation"],
  })),
  {
    toolchain: "node",
    variable: "VOLTA_HOME",
    root: ".volta",
    trees: ["bin", "layout.v4", "tools/image", "tools/user"],
    installations: ["tools/image/node/*"],
  },
  // its root holds the store too, which is a cache
  {
    toolchain: "node",
    variable: "PNPM_HOME",
    root: ".local/share/pnpm",
    grows: true,
    trees: ["global", "nodejs", ".tools"],
    shelves: ["."],
    installations: ["nodejs/*"],
  },
  {
    toolchain: "node",
    variable: "COREPACK_HOME",
    root: ".cache/node/corepack",
    grows: true,
    shelves: ["v1/npm", "v1/pnpm", "v1/yarn"],
  },
  { toolchain: "node", variable: "BUN_INSTALL", root: ".bun", grows: true, shelves: ["bin"] },
  {
    toolchain: "python",
    variable: "PYENV_ROOT",
    root: ".pyenv",
    trees: ["bin", "libexec", "completions", "plugins", "pyenv.d", "shims", "versions", "version"],
    installations: ["versions/*", "versions/*/envs/*"],
  },
  {
    toolchain: "python",
    variable: "UV_PYTHON_INSTALL_DIR",
    root: ".local/share/uv/python",
    grows: true,
    shelves: ["."],
    installations: ["*"],
  },
  ...["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".local/share/mamba"].map((root) => ({
    toolchain: "python" as const,
    root,
    whole: { evidence: "conda-meta", hidden: ["pkgs"] },
    installations: [".", "envs/*"],
  })),
  { toolchain: "python", root: ".conda/envs", shelves: ["."], installations: ["*"] },
  {
    toolchain: "rust",
    variable: "RUSTUP_HOME",
    root: ".rustup",
    trees: ["toolchains", "settings.toml", "update-hashes"],
  },
  // beside it: the registry's cache, config.toml and credentials.toml
  { toolchain: "rust", variable: "CARGO_HOME", root: ".cargo", grows: true, shelves: ["bin"] },
  { toolchain: "go", root: "sdk", shelves: ["."], named: /^go\d[\w.]*$/ },
  { toolchain: "go", variable: "GOPATH", root: "go", grows: true, shelves: ["bin"] },
  {
    toolchain: "go",
    variable: "GOENV_ROOT",
    root: ".goenv",
    trees: ["bin", "libexec", "plugins", "shims", "versions", "version"],
  },
  {
    toolchain: "java",
    variable: "SDKMAN_DIR",
    root: ".sdkman",
    trees: ["candidates/java", "candidates/maven", "candidates/gradle", "candidates/kotlin"],
    installations: ["candidates/*/*"],
  },
  {
    toolchain: "java",
    variable: "JENV_ROOT",
    root: ".jenv",
    trees: ["bin", "libexec", "plugins", "shims", "versions", "version"],
  },
  { toolchain: "java", root: ".jdks", shelves: ["."] },
  ...ofMany(
    { node: "nodejs", python: "python", rust: "rust", go: "golang", java: "java" },
    { variable: "ASDF_DATA_DIR", root: ".asdf", trees: asdf },
  ),
  ...ofMany(
    { node: "node", python: "python", rust: "rust", go: "go", java: "java" },
    // its shims ask a configuration in the home, which may hold anything; an activated shell has the versions themselves in PATH
    { variable: "MISE_DATA_DIR", root: ".local/share/mise" },
  ),
];

/** Programs looked for in PATH, wherever its directories are. */
export const programs: Readonly<Record<Toolchain, readonly string[]>> = {
  node: ["node", "npm", "npx", "corepack", "pnpm", "pnpx", "yarn", "yarnpkg", "bun", "bunx"],
  python: ["python", "python3", "pip", "pip3", "uv", "uvx", "conda", "mamba", "micromamba", "poetry"],
  rust: ["cargo", "rustc", "rustup"],
  go: ["go", "gofmt"],
  java: ["java", "javac", "mvn", "gradle", "kotlinc"],
};

/** What of an installation's prefix says that it is one; one of them is enough. */
export const evidence: Readonly<Record<Toolchain, readonly string[]>> = {
  node: ["include/node/node_version.h", "lib/node_modules/npm"],
  python: ["pyvenv.cfg", "conda-meta"],
  rust: ["lib/rustlib"],
  go: ["pkg/tool", "src/runtime"],
  java: ["lib/modules", "lib/jvm.cfg", "jre/lib/rt.jar", "conf/settings.xml", "init.d/readme.txt"],
};

/** Variables that name an installation's prefix. */
export const prefixVariables: Readonly<Record<Toolchain, readonly string[]>> = {
  node: ["N_PREFIX"],
  python: ["VIRTUAL_ENV", "CONDA_PREFIX", "MAMBA_ROOT_PREFIX"],
  rust: [],
  go: ["GOROOT"],
  java: ["JAVA_HOME", "MAVEN_HOME", "M2_HOME", "GRADLE_HOME"],
};

/** Variables that choose among versions by name. */
export const choosingVariables: Readonly<Record<Toolchain, readonly string[]>> = {
  node: [],
  python: ["PYENV_VERSION", "CONDA_DEFAULT_ENV", "UV_PYTHON"],
  rust: ["RUSTUP_TOOLCHAIN"],
  go: ["GOTOOLCHAIN"],
  java: [],
};

/** Files of an installation that may hold a credential of a registry → what stands there inside. */
export const covered: Readonly<Record<string, string>> = {
  "etc/npmrc": "",
  "lib/node_modules/npm/npmrc": "",
  "pip.conf": "",
  "etc/pip.conf": "",
  ".condarc": "",
  condarc: "",
  "conf/settings.xml": "<settings/>\n",
};
