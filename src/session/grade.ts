// The grade the walls turned out to have, in the session's own words from there on. Refused where the policy does not accept
// it, and where it holds rules that what is missing would have enforced.

import type { Walls } from "../boundary/contract.ts";
import { Fault } from "../domain/fault.ts";
import { sayMissing } from "../domain/session.ts";
import type { Prepared } from "./prepare.ts";

/** Throws a Fault (`grade`). */
export function gradedBy(prepared: Prepared, { grade, missing }: Pick<Walls, "grade" | "missing">): Prepared {
  const { policy, session } = prepared;
  const what = `the boundary is ${grade} here, without ${sayMissing(missing)}`;
  if (!policy.acceptGrades.includes(grade))
    throw new Fault({
      code: "grade",
      message: `${what}, and the policy accepts no less than ${policy.acceptGrades.at(-1) ?? "full"}`,
      hint: "postern doctor shows what is missing; only the organisation's policy can accept less",
    });
  const rules = [...policy.commands.deny, ...policy.commands.ask];
  if (missing.includes("watch") && rules.length > 0 && policy.mode === "enforce")
    throw new Fault({
      code: "grade",
      message: `${what}, and nothing would enforce ${rules.map(({ rule }) => rule).join(", ")}`,
      hint: "take the rules out, or run with --mode audit; postern doctor shows what is missing",
    });
  return session.grade === grade ? prepared : { ...prepared, session: { ...session, grade } };
}
