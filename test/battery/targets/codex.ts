// `codex sandbox`: with what its agent has when it may write the workspace, and with the strictest that still lets it
// work there. It says nothing of what it stopped, so what it writes to standard error is its record.

import { launch, type Target } from "./target.ts";

const profiles = {
  default: { flags: ["-P", ":workspace"], says: "profile `:workspace`" },
  strict: {
    flags: [
      "-c",
      'sandbox_mode="workspace-write"',
      "-c",
      "sandbox_workspace_write.exclude_slash_tmp=true",
      "-c",
      "sandbox_workspace_write.exclude_tmpdir_env_var=true",
      "-c",
      "sandbox_workspace_write.network_access=false",
    ],
    says: "workspace-write without /tmp, TMPDIR and network",
  },
} as const;

export function codexTarget(kind: "default" | "strict", entry: string, version: string): Target {
  return {
    name: kind === "default" ? "codex" : "codex-strict",
    settings: profiles[kind].says,
    version,
    run: async (rig, field, { command, ...more }) => {
      const words = [process.execPath, entry, "sandbox", ...profiles[kind].flags, "--", ...command];
      const ended = await launch(rig, field, words, more);
      return { ended, record: { kind: "text", text: ended.errors } };
    },
  };
}
