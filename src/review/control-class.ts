// The class of control files as one table: files that make another program run something, or tell an agent what to do.
// Enters: a relative path, *attacker-controlled*; leaves: the row it falls under, or undefined. Names are compared
// folded (case, composition, ignorable characters), so that variants a case-insensitive file system takes for the same
// name count as the same. Printed as `docs/spec/control-files.md`.

import { fold } from "../domain/fold.ts";

type ControlGroup = "git" | "agent" | "editor" | "ci" | "shell" | "postern";

export interface ControlRow {
  /**
   * Matched at any depth; `*` within a name; a trailing slash means the directory with everything below. `<git>` is any
   * git directory: `.git`, one of a submodule or worktree, a bare repository.
   */
  readonly pattern: string;
  readonly group: ControlGroup;
  /** Whose file it is. */
  readonly whose: string;
  readonly why: string;
}

type Part = readonly [whose: string, why: string, ...patterns: string[]];

const git: readonly Part[] = [
  ["git", "programs git runs; `*.sample` files never run and do not count", "<git>/hooks/"],
  ["git", "keys that run programs: fsmonitor, hooksPath, filters, aliases", "<git>/config", "<git>/config.worktree"],
  ["git", "says which files pass through configured programs", "<git>/info/attributes"],
  ["git", "a link among git's own files: what the person's git writes there lands where it leads", "<git>/… (links)"],
  ["git", "a program that git's configuration names, kept among git's own files", "<git>/… (programs)"],
  ["git", "says where hooks and configuration are read from", "<git>/commondir", "<git>/gitdir"],
  ["git", "a `.git` that is a file: says where the git directory is", ".git"],
  ["git", "says what `git submodule update` fetches and where it lands", ".gitmodules"],
  [
    "git",
    "has `git restore` write the files it names: put away where one leads out of the working tree",
    "<git>/index",
  ],
  ["git", "names files whose content a commit keeps as how a conflict was solved (rerere)", "<git>/MERGE_RR"],
  ["git", "where to fetch from and push to, beside the configuration", "<git>/remotes/", "<git>/branches/"],
  ["lazygit", "programs it runs: pagers, editors, commands", "<git>/lazygit.yml", ".lazygit.yml"],
  ["git-lfs", "says where `git lfs` sends large files, and asks for them", ".lfsconfig"],
];

const agent: readonly Part[] = [
  ["Claude Code", "settings with hooks, commands, agents, skills, plugins", ".claude/"],
  ["Claude Code", "instructions read at every start", "CLAUDE.md", "CLAUDE.local.md"],
  ["many agents", "instructions read at every start", "AGENTS.md", "AGENT.md", "AGENTS.override.md", ".agents/"],
  ["many agents", "servers that are started as programs", ".mcp.json", "mcp.json"],
  ["Codex", "configuration with programs to notify and servers to start", ".codex/"],
  ["Gemini CLI", "settings with servers and tool commands; instructions", ".gemini/", "GEMINI.md"],
  ["Cursor", "rules, hooks, servers to start", ".cursor/", ".cursorrules", ".cursorignore"],
  ["Windsurf", "rules and workflows", ".windsurf*", ".windsurf/", ".codeium/"],
  ["opencode", "configuration, plugins that run at start", "opencode.json", "opencode.jsonc", ".opencode/"],
  ["Qwen Code", "settings with servers; instructions", ".qwen/", "QWEN.md"],
  ["pi", "extensions that run at start, skills, prompts", ".pi/"],
  ["Cline", "rules, hooks, workflows", ".cline*", ".cline/", ".clinerules/"],
  ["Roo Code", "modes, rules, servers to start", ".roo/", ".roomodes", ".roorules*"],
  ["Aider", "configuration with test and lint commands", ".aider.conf.yml", ".aider.model.*"],
  ["Continue", "rules, servers to start", ".continue/", ".continuerules"],
  [
    "GitHub Copilot",
    "instructions, prompts, agents, hooks, set-up steps",
    ".github/copilot-*",
    ".github/instructions/",
  ],
  ["GitHub Copilot", "prompts, agents, skills, hooks", ".github/prompts/", ".github/agents/", ".github/chatmodes/"],
  ["GitHub Copilot", "skills and hooks", ".github/skills/", ".github/hooks/", ".copilot/"],
  ["Amp", "settings with servers; plugins", ".amp/"],
  ["Amazon Q, Kiro", "rules, hooks, servers to start", ".amazonq/", ".kiro/"],
  ["Augment, Junie, Goose, Crush, Trae", "rules, servers to start", ".augment*", ".augment/", ".junie/", ".goose*"],
  ["Goose, Crush, Trae, Factory", "rules, servers, hooks", ".goose/", ".crush*", ".crush/", ".trae/", ".factory/"],
];

const editor: readonly Part[] = [
  ["Visual Studio Code", "tasks that run on opening, settings that name programs", ".vscode/", "*.code-workspace"],
  ["JetBrains", "run configurations, file watchers, external tools", ".idea/", ".run/", ".fleet/"],
  ["Vim, Neovim", "scripts read from the working directory", ".vim/", ".vimrc", ".nvim.lua", ".nvimrc", ".exrc"],
  ["Emacs", "local variables that evaluate code", ".dir-locals.el", ".dir-locals-2.el"],
  ["Zed", "tasks, language servers, formatters", ".zed/"],
  ["Helix", "language servers and formatters that are started", ".helix/"],
  ["Lite XL, LazyVim", "programs run when the project is opened", ".lite_project.lua", ".lazy.lua"],
  ["build server protocol", "programs that editors start to ask about a build", ".bsp/"],
  ["Eclipse", "programs run with each build", ".externalToolBuilders/"],
  ["Sublime Text", "build systems", "*.sublime-project"],
  ["Visual Studio", "tasks that run on opening", ".vs/"],
  ["development containers", "commands that run on opening, mounts", ".devcontainer/", ".devcontainer.json"],
  ["cloud workspaces", "commands that run on opening", ".gitpod.yml", "devfile.yaml", ".idx/"],
];

const ci: readonly Part[] = [
  ["GitHub Actions", "runs with the repository's secrets", ".github/workflows/", ".github/actions/"],
  ["GitLab CI", "runs with the project's secrets", ".gitlab-ci.yml", ".gitlab/ci/"],
  ["CircleCI", "runs with the project's secrets", ".circleci/"],
  ["Jenkins", "runs with the server's secrets", "Jenkinsfile*"],
  [
    "Azure Pipelines",
    "runs with the project's secrets",
    "azure-pipelines*.yml",
    "azure-pipelines*.yaml",
    ".azure-pipelines/",
  ],
  ["Travis, AppVeyor, Bitbucket", "runs with secrets", ".travis.yml", "appveyor.yml", "bitbucket-pipelines.yml"],
  [
    "Drone, Woodpecker, Buildkite",
    "runs with secrets",
    ".drone.yml",
    ".woodpecker/",
    ".woodpecker.y*ml",
    ".buildkite/",
  ],
  ["Gitea, Forgejo, Cirrus", "runs with secrets", ".gitea/workflows/", ".forgejo/workflows/", ".cirrus.y*ml"],
  ["Tekton, Semaphore, TeamCity", "runs with secrets", ".tekton/", ".semaphore/", ".teamcity/"],
  ["cloud builders", "runs with secrets", "cloudbuild.yaml", "buildspec.yml"],
];

const shell: readonly Part[] = [
  ["direnv", "sourced on entering the directory", ".envrc", ".direnv/"],
  [
    "Mercurial",
    "hooks, aliases and extensions that are run, and where they are read from",
    ".hg/hgrc*",
    ".hg/sharedpath",
  ],
  ["Sapling, Darcs, Pijul", "hooks and programs they run", ".sl/config", "_darcs/prefs/defaults", ".pijul/config"],
  ["Jujutsu", "programs it runs: pagers, editors, file watchers", ".jj/repo/config.toml"],
  ["husky", "git hooks kept in the tree", ".husky/"],
  [
    "lefthook",
    "git hooks by configuration",
    "lefthook*.y*ml",
    ".lefthook*",
    ".lefthook/",
    "lefthook.toml",
    "lefthook.json",
  ],
  ["pre-commit", "git hooks by configuration", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml"],
  [
    "overcommit, simple-git-hooks",
    "git hooks by configuration",
    ".overcommit.yml",
    ".git-hooks/",
    ".githooks/",
    "git-hooks/",
    "githooks/",
  ],
  ["npm, pnpm", "registries, script shell, code run at installing", ".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs"],
  [
    "Yarn",
    "names the program that is run as yarn, plugins",
    ".yarnrc",
    ".yarnrc.yml",
    ".yarn/releases/",
    ".yarn/plugins/",
  ],
  ["Bun", "code loaded before every program, registries", "bunfig.toml"],
  ["Cargo", "runners, wrappers and linkers that are run", ".cargo/config", ".cargo/config.toml"],
  ["pip", "registries", "pip.conf"],
  ["mise, asdf", "tasks and environments applied on entering", "mise.toml", ".mise*.toml", "mise.*.toml", ".mise/"],
  ["mise, asdf", "which version of a program is run", ".tool-versions", ".config/mise/", ".config/mise.toml"],
  ["gradle, maven", "wrappers and settings that are run", "gradle-wrapper.properties", ".mvn/"],
  ["rvm, autoenv", "sourced on entering the directory", ".rvmrc", ".autoenv", ".autoenv.zsh"],
  ["R", "code run whenever it starts here", ".Rprofile"],
  [
    "irb, pry, GHCi, OCaml, Octave, pdb, perl -d",
    "code run whenever they start here",
    ".irbrc",
    ".pryrc",
    ".ghci",
    ".ocamlinit",
    ".octaverc",
    ".pdbrc",
    ".perldb",
  ],
  ["gdb, lldb", "commands run at start", ".gdbinit", ".lldbinit"],
];

/** The row of a link into our state directory. */
export const oursPattern = "<postern>/… (links)";

/** The row of a link to where no walk comes. */
export const deepPattern = "<deep>/… (links)";

/** The row of what a person's own configuration names. */
export const personalPattern = "<person>/…";

const postern: readonly Part[] = [
  ["Postern", "this repository's policy", "postern.yaml"],
  ["Postern", "a link to where tools keep what is theirs: anything may lie there", oursPattern],
  ["Postern", "a link to a directory of the checkout that lies deeper than is looked at", deepPattern],
  [
    "the person",
    "hooks and programs the person's own git settings name, and what a link of the home leads to",
    personalPattern,
  ],
];

const groups: readonly (readonly [ControlGroup, readonly Part[]])[] = [
  ["git", git],
  ["agent", agent],
  ["editor", editor],
  ["ci", ci],
  ["shell", shell],
  ["postern", postern],
];

/** Every row, in the order of the table. */
export const controlClass: readonly ControlRow[] = groups.flatMap(([group, parts]) =>
  parts.flatMap(([whose, why, ...patterns]) => patterns.map((pattern) => ({ pattern, group, whose, why }))),
);

interface Compiled {
  readonly row: ControlRow;
  /** Last name first. */
  readonly names: readonly RegExp[];
  readonly directory: boolean;
}

const literal = new Map<string, Compiled[]>();
const globbed: Compiled[] = [];
for (const row of controlClass.filter((each) => !each.pattern.startsWith("<") && each.pattern !== ".git")) {
  const directory = row.pattern.endsWith("/");
  const parts = fold(directory ? row.pattern.slice(0, -1) : row.pattern).split("/");
  const last = parts.at(-1) ?? "";
  const compiled = { row, names: parts.toReversed().map(compileName), directory };
  if (last.includes("*")) globbed.push(compiled);
  else literal.set(last, [...(literal.get(last) ?? []), compiled]);
}
const anyGlob = new RegExp(globbed.map((each) => each.names[0]?.source ?? "(?!)").join("|"));

/** Names that a row has above its last: a link called so brings in what lies where it leads. */
const above = new Set(
  controlClass
    .filter(({ pattern }) => !pattern.startsWith("<"))
    .flatMap(({ pattern }) => fold(pattern.replace(/\/$/, "")).split("/").slice(0, -1)),
);

export function isAboveControl(name: string): boolean {
  return above.has(fold(name));
}

function compileName(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`, "s");
}

export type EntryKind = "file" | "directory" | "symlink" | "other";

/** The row an entry falls under by its own name; what lies below a directory of the class is the caller's to know. */
export function matchControl(parents: readonly string[], name: string, kind: EntryKind): ControlRow | undefined {
  const folded = fold(name);
  const exact = literal.get(folded) ?? [];
  const candidates = anyGlob.test(folded) ? [...exact, ...globbed] : exact;
  return candidates.find((each) => takes(each.directory, kind) && fits(each.names, parents, folded))?.row;
}

/** A symbolic link may stand for either. */
function takes(directory: boolean, kind: EntryKind): boolean {
  return kind === "symlink" || directory === (kind === "directory");
}

function fits(names: readonly RegExp[], parents: readonly string[], folded: string): boolean {
  if (names.length > parents.length + 1) return false;
  return names.every((name, index) => name.test(index === 0 ? folded : fold(parents.at(-index) ?? "")));
}
