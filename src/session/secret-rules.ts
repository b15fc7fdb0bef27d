// The files of rules that the policy names, read and tried before a session begins: what cannot be read would leave without a word.

import { createHash } from "node:crypto";
import { Fault } from "../domain/fault.ts";
import { formOf, type RulesText, readRules } from "../inspection/rules/file.ts";
import { maxFileLength, maxUserRules } from "../inspection/rules/limits.ts";
import type { Policy } from "../policy/policy.ts";
import { readBounded } from "../policy/reading.ts";

export interface SecretRules extends RulesText {
  /** `user:secret-rules[0]`. */
  readonly rule: string;
  readonly path: string;
  readonly sha256: string;
  /** How many there are. */
  readonly count: number;
}

export async function readSecretRules(
  policy: Pick<Policy, "secretRules" | "origins">,
): Promise<readonly SecretRules[] | Fault<"secret-rules">> {
  const all: SecretRules[] = [];
  let total = 0;
  for (const { rule, path } of policy.secretRules ?? []) {
    const { file, line } = policy.origins[rule] ?? { file: rule, line: 0 };
    const reading = await readBounded(path, maxFileLength);
    const read = reading.kind === "bytes" ? tryRules(path, reading.bytes) : reading;
    if (read.kind !== "rules")
      return wrong(`${file}:${line}`, path, read.kind === "absent" ? "is not there" : read.why);
    total += read.count;
    if (total > maxUserRules) return wrong(`${file}:${line}`, path, `makes more than ${maxUserRules} rules in all`);
    const { form, text, count, sha256 } = read;
    all.push({ rule, path, form, text, count, sha256 });
  }
  return all;
}

function tryRules(path: string, bytes: Buffer) {
  const text = bytes.toString("utf8");
  const form = formOf(path, text);
  try {
    const count = readRules({ form, text }).length;
    if (count === 0) return { kind: "unreadable", why: "holds no rule for a text" } as const;
    return { kind: "rules", form, text, count, sha256: createHash("sha256").update(bytes).digest("hex") } as const;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { kind: "unreadable", why: `cannot be read as rules: ${cause.message}` } as const;
  }
}

const wrong = (place: string, path: string, why: string) =>
  new Fault({
    code: "secret-rules",
    message: `${place}: secret-rules names ${path}, which ${why}`,
    hint: "gitleaks' TOML, or a list `rules` with id and pattern (docs/spec/inspection-rules.md); or take the entry out",
  });
