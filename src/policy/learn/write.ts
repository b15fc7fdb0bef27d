// A lesson and its background → the text of a policy. Every line that grants is explained by what stands beside it, and what is
// not granted is a comment. The text is checked by whoever prints it, like any policy.

import type { Background } from "./background.ts";
import { credentialLines } from "./credential-text.ts";
import { entryLines, proposalLines, words } from "./entry-text.ts";
import { keptLines } from "./kept-text.ts";
import type { Entry, Lesson, List } from "./lesson.ts";
import { loginLines } from "./login-text.ts";
import { cite, quote, sayTold, times } from "./words.ts";

export function writeLearned(lesson: Lesson, background: Background): string {
  return [
    ...headLines(lesson, background),
    "version: 1",
    "mode: enforce",
    "",
    ...networkLines(lesson, background),
    ...credentialLines(lesson, background),
    ...keptLines(lesson, background),
    ...toldLines(lesson),
    "",
  ].join("\n");
}

function headLines({ beyond }: Lesson, { tool, recognised, sessions, lost }: Background): string[] {
  const unreadable = sessions.reduce((sum, one) => sum + one.unreadable, 0);
  return [
    `# Proposed by \`postern policy learn\` from what ${recognised ? tool : cite(tool)} did in:`,
    ...sessions.map(
      ({ id, mode, started, entries, ended }) =>
        `#   ${id}  ${started}  ${mode}  ${entries} entries${ended ? "" : ", not ended yet"}`,
    ),
    "# Read it before you use it: what was asked for, the tool chose. Each path is exactly one that was seen, but that",
    '# what has the shape of an id is a * within its segment. Queries are no part of a path. What is in "quotes" in a',
    "# comment are the tool's own words.",
    "# Keep it outside of the checkout: inside, it would count as the repository's.",
    ...(unreadable === 0 ? [] : [`# ${unreadable} entries can no longer be read, and explain nothing here.`]),
    ...(beyond === 0
      ? []
      : [
          `# NOT GRANTED for want of room: ${times(beyond)} something else was asked for, on more hosts or paths than are kept.`,
        ]),
    ...(lost === undefined ? [] : [`# ${lost}: upstreams, credentials and other words of it are not carried over.`]),
  ];
}

function networkLines(lesson: Lesson, background: Background): string[] {
  const { grants, proposals, services, publish } = lesson;
  const { recognised } = background;
  const lines = [...grants.flatMap(entryLines), ...loginLines(lesson, background)];
  const active = lines.length === 0 ? ["  allow: []"] : ["  allow:", ...lines];
  return [
    "network:",
    ...(recognised ? ["  profile: none # what stands here is all: the tool's own profile adds no host"] : []),
    ...active,
    ...headings.flatMap(([proposed, title]) => proposalsOf(proposals, proposed, title)),
    ...(services.length === 0 ? [] : ["  services:"]),
    ...services.flatMap(({ address, told }) => [`    # ${sayTold(told)}`, `    - ${quote(address)}`]),
    ...(publish.length === 0 ? [] : ["  publish:"]),
    ...publish.flatMap(({ port, told }) => [`    # ${sayTold(told)}`, `    - ${port}`]),
    "",
  ];
}

const headings: readonly (readonly [NonNullable<Entry["proposed"]>, string])[] = [
  ["telemetry", `NOT GRANTED: looks like ${words.telemetry}. The tool was seen to send it.`],
  ["flags", `NOT GRANTED: looks like ${words.flags}.`],
  ["update", `NOT GRANTED: looks like ${words.update}.`],
  [
    "login",
    `NOT GRANTED: looks like ${words.login}. With \`credentials: from: { login: TOOL }\` the tool never holds them.`,
  ],
  ["refused", "NOT GRANTED: refused when it was asked for, because no grant covered it."],
];

function proposalsOf(proposals: readonly Entry[], proposed: Entry["proposed"], title: string): string[] {
  const those = proposals.filter((entry) => entry.proposed === proposed);
  if (those.length === 0) return [];
  return [
    "",
    `    # ${title}`,
    "    # To grant one, take the `# ` before its lines away.",
    ...those.flatMap(proposalLines),
  ];
}

function toldLines({ refused, names, controlFiles }: Lesson): string[] {
  return [
    ...listLines("Refused in every mode, or nothing that a grant could say; never granted here:", refused),
    ...listLines("Names that were asked for and refused, without a request:", names),
    ...listLines(
      "Control files the tool tried to change or brought: held or taken away, and granted by no policy:",
      controlFiles,
    ),
  ];
}

function listLines(title: string, { lines, more }: List): string[] {
  if (lines.length === 0) return [];
  return [
    "",
    `# ${title}`,
    ...lines.map(
      ({ what, reason, told }) => `#   ${cite(what)}${reason === "" ? "" : `: ${cite(reason)}`}; ${sayTold(told)}`,
    ),
    ...(more === 0 ? [] : [`#   and ${more} more`]),
  ];
}
