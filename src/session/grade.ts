// The grade the walls turned out to have, in the session's own words from there on. Refused where the policy does not accept
// it, and where it holds what nothing would enforce then.

import type { Walls } from "../boundary/contract.ts";
import { Fault } from "../domain/fault.ts";
import { type Missing, sayMissing } from "../domain/session.ts";
import type { Policy } from "../policy/policy.ts";
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
  const rules = unenforced(policy, missing);
  if (rules.length > 0 && policy.mode === "enforce")
    throw new Fault({
      code: "grade",
      message: `${what}, and nothing would enforce ${rules.join(", ")}`,
      hint: "take the rules out, or run with --mode audit; postern doctor shows what is missing",
    });
  const lost = notGiven(prepared, missing);
  if (lost !== undefined)
    throw new Fault({
      code: "grade",
      message: `${what}, and ${lost.what}`,
      hint: lost.hint,
    });
  if (session.grade === grade) return prepared;
  // where the tool's servers are this machine's they need no way out, and ours would stand in theirs
  const publish = missing.includes("network") ? [] : policy.publish;
  return { ...prepared, policy: { ...policy, publish }, session: { ...session, grade } };
}

/** Rules that say no, and whose saying so nothing hears. */
function unenforced({ commands }: Policy, missing: readonly Missing[]): readonly string[] {
  return missing.includes("watch") ? [...commands.deny, ...commands.ask].map(({ rule }) => rule) : [];
}

interface Lost {
  readonly what: string;
  readonly hint: string;
}

/** What was asked for and cannot be had, in any mode. */
function notGiven({ policy, session }: Prepared, missing: readonly Missing[]): Lost | undefined {
  if (!missing.includes("files")) return undefined;
  if (session.edits === "staged")
    return {
      what: "nothing would keep the tool in a private copy",
      hint: "run with --edits live, which can be undone",
    };
  const veiled = [
    ...policy.files.hide.map((glob) => `files.hide ${glob}`),
    ...policy.files.mask.map((glob) => `files.mask ${glob}`),
  ];
  if (veiled.length > 0)
    return {
      what: `nothing would be hidden from it: ${veiled.join(", ")}`,
      hint: "take them out; behind whole walls they hold",
    };
  const [port] = policy.publish;
  if (port !== undefined && !missing.includes("network"))
    return { what: `nothing leads to a port inside: ${port.rule}`, hint: "publish it where the container is built" };
  const rules = [
    ...policy.network.filter(({ protocol }) => protocol === "ssh").map(({ id }) => id),
    ...(policy.signing === undefined ? [] : [policy.signing.rule]),
  ];
  if (rules.length === 0) return undefined;
  const what = `git's ways to ssh and to a signature are not there: ${[...new Set(rules)].join(", ")}`;
  return { what, hint: "take them out; behind whole walls they are there" };
}
