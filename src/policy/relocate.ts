// A policy that counts in one checkout → the same with what it says of that checkout's files said of another directory's: for
// a session that works in its place. Nothing else changes, its digest neither: it is still the policy in force there.

import type { Policy } from "./policy.ts";
import { isWithin } from "./way.ts";

/** Both absolute and real. */
export function relocate(policy: Policy, checkout: string, place: string): Policy {
  const move = (path: string): string => (isWithin(path, checkout) ? place + path.slice(checkout.length) : path);
  const { files } = policy;
  const rules = Object.entries(files.rules).map(([key, rule]) => {
    const at = key.indexOf(":") + 1;
    return [
      key.slice(0, at) + (/^(?:toolchains|hide|mask):/.test(key) ? key.slice(at) : move(key.slice(at))),
      rule,
    ] as const;
  });
  return {
    ...policy,
    files: { ...files, write: files.write.map(move), read: files.read.map(move), rules: Object.fromEntries(rules) },
  };
}
