// The text of a first policy, for `postern policy init`: valid as it stands, and readable as the start of a manual.

import type { Profile } from "./profile.ts";

/** With a profile, its tool is named and its hosts are listed as comments, each with its purpose. */
export function initialPolicy(profile?: Profile): string {
  return [
    "# Postern policy: what an AI coding tool can reach, and what it may use.",
    "# Check it with `postern policy check`; every key is explained in docs/spec/policy.md.",
    "version: 1",
    "",
    "# enforce: what is not granted is refused.   audit: it is passed on, and recorded.",
    "mode: enforce",
    "",
    "files:",
    '  write: ["."]                # the workspace',
    "  read: []                    # your home is absent inside, but for what is listed: ~/.gitconfig",
    "",
    ...(profile === undefined ? toolless : toolWords(profile)),
    "network:",
    "  allow: []",
    "  # allow:",
    "  #   - host: api.example.com          # exact, or *.example.com for every name below it",
    "  #     methods: [GET]",
    '  #     paths: ["/v1/**"]              # * stays within a segment, ** crosses',
    "  #     why: the tests call it",
    "  #     until: 2027-01-31",
    "",
  ].join("\n");
}

const toolless = [
  "# A tool that Postern knows reaches its own inference hosts without a word here; all else is refused.",
];

function toolWords(profile: Profile): string[] {
  const width = Math.max(...profile.hosts.map((entry) => entry.host.length));
  const settings =
    profile.settings.length === 0 ? [] : [`#   its settings, for files.read: ${profile.settings.join(", ")}`];
  const lines = profile.hosts.map(
    (entry) =>
      `#   ${entry.host.padEnd(width)}  ${entry.purpose}${entry.purpose === "inference" ? "" : ", refused unless granted below"}`,
  );
  return [
    `# ${profile.title} is known by its command (${profile.commands.join(", ")}). Its hosts:`,
    ...new Set(lines),
    ...settings,
  ];
}
