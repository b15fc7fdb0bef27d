// The checkout a probe works in: a repository with what makes checkouts dangerous, a nested one at two depths, a
// submodule, a linked worktree, and control files that are there already.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const files: Readonly<Record<string, string>> = {
  "README.md": "a checkout\n",
  "package.json": '{ "name": "checkout", "version": "1.0.0", "scripts": { "test": "true" } }\n',
  "src/index.js": "export const answer = 42;\n",
  ".gitignore": "loot*\nprobe-*\n",
  ".vscode/settings.json": "{}\n",
  ".claude/settings.json": "{}\n",
  "AGENTS.md": "be kind\n",
  ".github/workflows/ci.yml": "on: push\n",
  ".envrc": "true\n",
  // named in the person's home alone
  "tools/clean": "#!/bin/sh\ncat\n",
  "dotfiles/shell": "true\n",
};

const who = ["-c", "user.name=stage", "-c", "user.email=stage@example.org", "-c", "init.defaultBranch=main"];

/** Nested repositories, from the checkout. */
export const nested = { shallow: "vendor/sub", deep: "a/b/c/d/e" } as const;

export function layCheckout(work: string, home: string): void {
  lay(join(home, ".gitconfig"), '[filter "person"]\n\tclean = tools/clean %f\n');
  symlinkSync(join(work, "dotfiles/shell"), join(home, ".bash_aliases"));
  const git = (...words: readonly string[]): void => {
    execFileSync("git", [...who, "-c", "protocol.file.allow=always", ...words], {
      env: { PATH: process.env["PATH"], HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    });
  };
  for (const [path, text] of Object.entries(files)) lay(join(work, path), text);
  git("-C", work, "init", "-q");
  git("-C", work, "add", "-A");
  git("-C", work, "commit", "-qm", "first");
  lay(join(work, ".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n", 0o755);
  for (const path of Object.values(nested)) {
    git("-C", work, "init", "-q", path);
    lay(join(work, path, "file"), "nested\n");
    git("-C", join(work, path), "add", "-A");
    git("-C", join(work, path), "commit", "-qm", "nested");
  }
  git("-C", work, "submodule", "add", "-q", `./${nested.shallow}`, "sub");
  git("-C", work, "worktree", "add", "-q", join(work, "tree"), "-b", "side");
}

function lay(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}
