// What may differ between a step outside and the same step inside, each with the policy's reason. A line that is in none of
// these, on one side only, fails the day.

import type { Way } from "./day.ts";

export interface Difference {
  /** Of which steps. */
  readonly step: RegExp;
  readonly way: Exclude<Way, "outside">;
  /** A line that is there outside alone, or inside alone. */
  readonly only: "outside" | "inside";
  readonly line: RegExp;
  readonly why: string;
}

const husky =
  "`.husky` is held in a live session: where husky was never installed outside, it is told not to (HUSKY=0)";

export const allowed: readonly Difference[] = [
  { step: /./, way: "live", only: "outside", line: /^core\.hookspath=\.husky\/_$/, why: husky },
  { step: /^npm ci/, way: "live", only: "outside", line: /^(?:applypatch-msg|commit-msg|h)$/, why: husky },
  { step: /^commit/, way: "live", only: "outside", line: /^checked 1$/, why: husky },
  ...(["outside", "inside"] as const).map((only) => ({
    step: /^gc$/,
    way: "staged" as const,
    only,
    line: /^count: \d+$/,
    why: "the checkout's objects are lent unwritable: what git writes a second time since it cannot freshen it there stays loose",
  })),
  {
    step: /^afterwards$/,
    way: "staged",
    only: "outside",
    line: /^(?:branch\.(?:feature|topic|pushed)|submodule\.lib)\.|^lfs\.repositoryformatversion=0$/,
    why: "what is staged lands as commits and files; configuration never comes over",
  },
];

/** Lines that are on one side only and may not be; `+` inside, `-` outside. */
export function differences(
  step: string,
  way: Difference["way"],
  facts: { outside: string; inside: string },
): string[] {
  const may = (line: string, only: Difference["only"]): boolean =>
    allowed.some((each) => each.step.test(step) && each.way === way && each.only === only && each.line.test(line));
  const [outside, inside] = [facts.outside.split("\n"), facts.inside.split("\n")];
  return [
    ...without(outside, inside)
      .filter((line) => !may(line, "outside"))
      .map((line) => `- ${line}`),
    ...without(inside, outside)
      .filter((line) => !may(line, "inside"))
      .map((line) => `+ ${line}`),
  ];
}

/** Each line as often as it is there. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
