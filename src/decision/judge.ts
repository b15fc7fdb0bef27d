// The judge: a policy → answers about names, connections and requests. Pure; it reads nothing and dials nothing. In
// `enforce` what no grant covers is refused; in `audit` it passes with a reason that says what enforce would have done.
// In every mode refused: a real credential out of its place, special addresses that no grant names, and what lies beyond the
// organisation's limits.

import type { Host } from "../domain/brand.ts";
import { isAddress } from "../domain/brand.ts";
import type { Disclosure } from "../domain/disclosure.ts";
import type { RedactedPart } from "../domain/inspection.ts";
import type { Judge } from "../domain/judge.ts";
import type { NetworkGrant, Purpose } from "../domain/reach.ts";
import type { Verdict } from "../domain/verdict.ts";
import { matchesPath } from "../policy/glob.ts";
import { coversHost } from "../policy/host-pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { leakOf } from "./leaks.ts";
import { ambiguity, withoutScope } from "./request-path.ts";
import { isSpecialName, specialness } from "./special-addresses.ts";

/** What of a policy the judge needs; `mode` is the session's. */
export type Rules = Pick<Policy, "mode" | "network" | "widest" | "credentials" | "logins" | "purposes">;

export function judgeFor(rules: Rules): Judge {
  return { reach: (host, port) => reach(rules, host, port), decide: (disclosure) => decide(rules, disclosure) };
}

/** May this grant's host lead to a special address? Where it names the literal, an upstream, or an opaque port. */
export function mayBeSpecial(grant: NetworkGrant): boolean {
  if (grant.upstream !== undefined || grant.protocol === "tcp") return true;
  return grant.host.kind === "exact" && isAddress(grant.host.name);
}

function reach(rules: Rules, host: Host, port: number | undefined): Verdict {
  const covering = covers(rules, host, port);
  // the stricter of two grants: opened and judged before opaque
  const grant = covering.find((one) => one.protocol === "http") ?? covering[0];
  if (grant !== undefined) return allowed(grant);
  const special = specialOf(host);
  const where = port === undefined ? "" : ` on port ${port}`;
  if (special !== undefined) return refused(rules, host, { reason: `${host} is ${special}, and no grant names it` });
  return passedInAudit(rules, host, { reason: `no grant covers ${host}${where}` });
}

function decide(rules: Rules, disclosure: Disclosure): Verdict {
  const { destination, path } = disclosure;
  const { host, port, scheme } = destination;
  const leak = leakOf(disclosure, rules, "credential");
  if (leak !== undefined) return refused(rules, host, { ...leak, path });
  const covering = covers(rules, host, port).filter((grant) => (grant.protocol === "tcp") === (scheme === "tcp"));
  const near = covering[0];
  const special = specialOf(host);
  if (special !== undefined && near === undefined) {
    return refused(rules, host, { reason: `${host} is ${special}, and no grant names it`, path });
  }
  // npm writes a scoped package with an encoded slash: only its own registry is asked so
  const known = covering.filter((one) => one.registry === "npm");
  const plain = known.length === 0 ? path : withoutScope(path);
  const stray = strayOf(rules, disclosure, plain);
  if (stray !== undefined) return passedInAudit(rules, host, { ...stray, path, grant: near });
  const grant = (plain === path ? covering : known).find((one) => one.protocol === "tcp" || fits(one, disclosure));
  if (grant !== undefined) return judgeContent(rules, judgePush(rules, grant, disclosure), disclosure);
  const reason = near === undefined ? `no grant covers ${host} on port ${port}` : missed(near, disclosure);
  return passedInAudit(rules, host, { reason, path, grant: near });
}

/** What must not leave is taken out of what may; where it cannot be, or the policy says so, it does not leave. */
function judgeContent(rules: Rules, given: Verdict, { destination, path, inspection }: Disclosure): Verdict {
  if (given.kind !== "allow" || inspection === undefined) return given;
  const { redaction, refusals } = inspection;
  const [refusal] = refusals;
  if (refusal !== undefined) {
    if (rules.mode === "audit")
      return { ...given, rule: "audit", reason: `${refusal.reason}; enforce would refuse it` };
    return refused(rules, destination.host, { ...refusal, path });
  }
  const rule = redaction?.parts[0]?.rule;
  if (redaction === undefined || rule === undefined) return given;
  const { parts, impossible } = redaction;
  const what = parts.map(sayPart).join(", ");
  if (rules.mode === "audit")
    return { ...given, rule: "audit", reason: `it holds ${what}; enforce would take out what it can` };
  if (impossible === undefined) return { ...given, kind: "redact", rule, reason: `taken out: ${what}` };
  return refused(rules, destination.host, { reason: `it holds ${what}, and ${impossible}`, rule, path });
}

function sayPart({ kind, count }: RedactedPart): string {
  if (kind === "secret") return count === 1 ? "a secret" : `${count} secrets`;
  if (kind === "personal") return count === 1 ? "a piece of personal data" : `${count} pieces of personal data`;
  return "text that does not show";
}

/** What the grant says of a push; nothing where it is none, or one that changes nothing. */
function judgePush(rules: Rules, grant: NetworkGrant, { destination, path, push }: Disclosure): Verdict {
  if (push === undefined || grant.push === undefined || grant.push === "allow") return allowed(grant);
  const ground = (reason: string): Ground => ({ reason, rule: grant.id, path, grant });
  if (grant.push === "refuse") return passedInAudit(rules, destination.host, ground("pushes are refused"));
  if (push.kind === "unreadable")
    return passedInAudit(rules, destination.host, ground(`a push that nobody can be asked about: ${push.reason}`));
  if (push.push.updates.length === 0) return allowed(grant);
  const reason = askedAbout;
  if (rules.mode === "audit") return { ...allowed(grant), rule: "audit", reason: `${reason}, in enforce` };
  return { ...allowed(grant), kind: "ask", reason };
}

/** What makes a request stray though its host may be granted: it cannot be read in one way, or carries a placeholder. */
function strayOf(rules: Rules, disclosure: Disclosure, path: string): { reason: string; rule?: string } | undefined {
  if (disclosure.unreadable !== undefined) return { reason: `the request cannot be read: ${disclosure.unreadable}` };
  const twofold = disclosure.destination.scheme === "tcp" ? undefined : ambiguity(path);
  if (twofold !== undefined) return { reason: `the path is ambiguous: it ${twofold}` };
  return leakOf(disclosure, rules, "placeholder");
}

/** In the policy's order, exact names before suffixes; a special address only where the grant may lead there. */
function covers(rules: Rules, host: Host, port: number | undefined): NetworkGrant[] {
  const special = specialOf(host) !== undefined;
  return rules.network
    .filter((grant) => grant.protocol !== "ssh" && coversHost(grant.host, host))
    .filter((grant) => port === undefined || grant.ports.includes(port))
    .filter((grant) => !special || mayBeSpecial(grant))
    .sort((a, b) => Number(a.host.kind === "suffix") - Number(b.host.kind === "suffix"));
}

function fits(grant: NetworkGrant, { method, path }: Disclosure): boolean {
  const methodFits = grant.methods === undefined || grant.methods.includes(method);
  return methodFits && (grant.paths === undefined || grant.paths.some((glob) => matchesPath(glob, path)));
}

function missed(grant: NetworkGrant, { method, path }: Disclosure): string {
  return `${grant.id} covers the host, but not ${method} ${path}`;
}

/** A reason on the record → was a grant all that was missing? The words are those above, and of ssh.ts. */
export function wantsGrant(reason: string): boolean {
  return /^(?:no grant (?:of protocol ssh )?covers |[a-z][^ ]{0,200} covers the host, but not )/.test(reason);
}

/** Audit let a push pass that enforce asks about. */
export function wantsWord(reason: string): boolean {
  return reason.startsWith(askedAbout);
}

const askedAbout = "a person is asked about a push";

function specialOf(host: Host): string | undefined {
  return specialness(host) ?? (isSpecialName(host) ? "a name of this machine or its cloud" : undefined);
}

function allowed(grant: NetworkGrant): Verdict {
  return { kind: "allow", rule: grant.id, reason: grant.why ?? "granted", purpose: grant.purpose, grant };
}

interface Ground {
  readonly reason: string;
  readonly rule?: string;
  readonly path?: string;
  /** By whose upstream it leaves where audit lets it pass. */
  readonly grant?: NetworkGrant | undefined;
}

function refused(rules: Rules, host: Host, { reason, rule = "default", path }: Ground): Verdict {
  return { kind: "refuse", rule, reason, purpose: purposeOf(rules, host, path), grant: undefined };
}

function passedInAudit(rules: Rules, host: Host, ground: Ground): Verdict {
  if (rules.mode === "enforce") return refused(rules, host, ground);
  if (rules.widest?.some((wide) => coversHost(wide, host)) === false) {
    const reason = `${host} is beyond the hosts the organisation allows`;
    return refused(rules, host, { ...ground, reason, rule: "default" });
  }
  const reason = `${ground.reason}; enforce would refuse it`;
  return { kind: "allow", rule: "audit", reason, purpose: purposeOf(rules, host, ground.path), grant: ground.grant };
}

/** What the tool's profile says this host, and this path of it, is for; `other` where it does not know. */
function purposeOf(rules: Rules, host: Host, path: string | undefined): Purpose {
  const known = rules.purposes.find(
    ({ host: pattern, paths }) =>
      coversHost(pattern, host) &&
      (path === undefined || paths === undefined || paths.some((glob) => matchesPath(glob, path))),
  );
  return known?.purpose ?? "other";
}
