// What the policy says of the whole: its mode, the grade it asks for, what of it is not enforced yet.

import { sayMissing } from "../../domain/session.ts";
import type { Evidence, Row } from "../row.ts";

export function stanceRows({ policy, grade, missing }: Evidence): Row[] {
  const { mode, acceptGrades, origins, unenforced, voided } = policy;
  const told = (rule: string, tried: string, outcome: Row["outcome"], by: string): Row => ({
    ...{ area: "stance", rule: origins[rule] === undefined ? "default" : rule, place: origins[rule] },
    ...{ tried, outcome, by },
  });
  const lesser = acceptGrades.filter((each) => each !== "full");
  const empty = voided.map(({ id, message, file, line, column }): Row => {
    const by = `does not count: ${message}`;
    return {
      area: "stance",
      rule: id,
      place: { file, line, column },
      tried: "a rule beyond what may be",
      outcome: "held",
      by,
    };
  });
  return [
    mode === "audit"
      ? told("mode", "mode", "open", "audit: what no rule allows passes, recorded")
      : told("mode", "mode", "held", "enforce: what no rule allows is refused"),
    ...(missing.length === 0 ? [] : [told("require", "boundary", "open", `${grade}: without ${sayMissing(missing)}`)]),
    lesser.length > 0
      ? told("require", "grade", "open", `a weaker boundary would be accepted: ${lesser.join(", ")}`)
      : told("require", "grade", "held", `${grade}; nothing less is accepted`),
    ...unenforced.map(({ key, ...place }): Row => {
      const by = "nothing enforces this key yet";
      return { area: "stance", rule: key, place, tried: "a key of the policy", outcome: "open", by };
    }),
    ...empty,
  ];
}
