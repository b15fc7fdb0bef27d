// Mode, edits and grade: the command's flag, else the user's, else the organisation's, never beyond the limits; a
// repository can only make them stricter, trusted or not.

import type { Edits, Grade, Mode } from "../domain/session.ts";
import { avoid, avoidUnplaced, beyond, enrol, type Joining } from "./joining.ts";
import type { Layer } from "./layers.ts";
import { grades } from "./policy.ts";

export interface Stance {
  readonly mode: Mode;
  readonly edits: Edits;
  readonly require: Grade;
  readonly acceptGrades: readonly Grade[];
}

type Key = "mode" | "edits" | "require";

export function joinStance(joining: Joining): Stance {
  const { mode, edits } = joining.sources;
  const { auditAllowed, liveAllowed } = joining.ceiling;
  const require = joinGrade(joining);
  return {
    mode: settle(joining, {
      key: "mode",
      order: ["audit", "enforce"],
      first: "enforce",
      flag: mode,
      strictOnly: !auditAllowed,
    }),
    edits: settle(joining, {
      key: "edits",
      order: ["live", "staged"],
      first: "live",
      flag: edits,
      strictOnly: !liveAllowed,
    }),
    require,
    acceptGrades: grades.filter((grade) => accepts(joining, grade) && grades.indexOf(grade) <= grades.indexOf(require)),
  };
}

interface Choice<Word extends string> {
  readonly key: Key;
  /** Weakest first. */
  readonly order: readonly [Word, Word];
  readonly first: Word;
  readonly flag: Word | undefined;
  readonly strictOnly: boolean;
}

function settle<Word extends string>(joining: Joining, choice: Choice<Word>): Word {
  const [weak, strict] = choice.order;
  const chosen = own(joining, choice.key);
  const layered =
    chosen === undefined ? undefined : choice.order.find((word) => word === chosen.parsed.value[choice.key]);
  const wanted = choice.flag ?? layered ?? choice.first;
  const tightening = repositories(joining).find((layer) => layer.parsed.value[choice.key] === strict);
  if (wanted === weak && choice.strictOnly) refuseWeak(joining, choice, "is weaker than the organisation allows");
  else if (wanted === weak && tightening !== undefined && choice.flag === weak) {
    refuseWeak(joining, choice, `gives way to the repository's policy, which says ${strict}`);
  }
  const settled = wanted === weak && (choice.strictOnly || tightening !== undefined) ? strict : wanted;
  for (const layer of repositories(joining)) {
    if (layer.parsed.value[choice.key] === weak && settled === strict) weaker(joining, layer, choice.key);
  }
  const decisive = settled === wanted ? (choice.flag === undefined ? chosen : undefined) : tightening;
  if (decisive !== undefined) enrolStance(joining, decisive, choice.key);
  return settled;
}

function refuseWeak<Word extends string>(joining: Joining, choice: Choice<Word>, message: string): void {
  const layer = own(joining, choice.key);
  if (choice.flag !== undefined) {
    avoidUnplaced(joining, `command:${choice.key}`, {
      file: `--${choice.key}`,
      message: `--${choice.key} ${choice.flag} ${message}`,
      hint: beyond,
    });
  } else if (layer !== undefined) avoid(joining, layer, { path: [choice.key], message, hint: beyond });
}

function joinGrade(joining: Joining): Grade {
  const chosen = own(joining, "require");
  const wanted = chosen?.parsed.value.require ?? "full";
  if (chosen !== undefined && !accepts(joining, wanted)) {
    avoid(joining, chosen, {
      path: ["require"],
      message: "is less than full, which only the organisation's policy can accept",
      hint: "`limits: { accept-grades: [full, outer] }` in /etc/postern/policy.yaml",
    });
  } else if (chosen !== undefined) enrolStance(joining, chosen, "require");
  const base = accepts(joining, wanted) ? wanted : "full";
  return repositories(joining).reduce<Grade>((least, layer) => {
    const asked = layer.parsed.value.require;
    if (asked === undefined || asked === least) return least;
    if (grades.indexOf(asked) < grades.indexOf(least)) return asked;
    weaker(joining, layer, "require");
    return least;
  }, base);
}

function accepts(joining: Joining, grade: Grade): boolean {
  return grade === "full" || joining.ceiling.grades.includes(grade);
}

/** The layer whose word counts before any flag: the user's, else the organisation's. */
function own(joining: Joining, key: Key): Layer | undefined {
  const speaking = joining.layers.filter(
    (layer) => layer.kind !== "repository" && layer.parsed.value[key] !== undefined,
  );
  return speaking.find((layer) => layer.kind === "user") ?? speaking[0];
}

function repositories(joining: Joining): readonly Layer[] {
  return joining.layers.filter((layer) => layer.kind === "repository");
}

function weaker(joining: Joining, layer: Layer, key: Key): void {
  avoid(joining, layer, {
    path: [key],
    message: "is weaker than what is in force: a repository can only be stricter",
    hint: "take the line out, or say it yourself in your own policy",
    example: { mode: "mode: enforce", edits: "edits: staged", require: "require: full" }[key],
  });
}

function enrolStance(joining: Joining, layer: Layer, key: Key): void {
  joining.origins[key] = layer.parsed.place([key]);
  enrol(joining, layer, [key]);
}
