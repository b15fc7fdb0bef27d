// Everything that can say no before anything exists: the tool found, the policy read, its credentials in hand. What
// enters: the person's request. What leaves: all a session needs, or a refusal with its exit code.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { OuterPlace } from "../boundary/contract.ts";
import type { SessionId } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { Credential } from "../domain/reach.ts";
import type { Session } from "../domain/session.ts";
import { type Installation, locate } from "../inventory/installation.ts";
import type { Policy } from "../policy/policy.ts";
import { type Profile, recognise } from "../policy/profile.ts";
import { type PolicyOutcome, readPolicy } from "../policy/read.ts";
import { relocate } from "../policy/relocate.ts";
import { renderFaults } from "../policy/render.ts";
import { standingOf } from "../policy/standing.ts";
import { digestBuild } from "./build.ts";
import { gatherCredentials } from "./credentials.ts";
import { callerOf } from "./git-desk.ts";
import { type Bridge, makeBridge } from "./login/browser.ts";
import { type KeptLogin, openLogins } from "./login/open.ts";
import type { Seekers } from "./login/seek.ts";
import { findOuter } from "./outer.ts";
import { accountHome, objectToOutsideSettings } from "./outside-settings.ts";
import { objectToOwnProgram } from "./own-program.ts";
import { type KeptPasses, openPasses } from "./passes.ts";
import { openPlaceholders } from "./placeholder.ts";
import { objectToLinks } from "./plain-roots.ts";
import { type Places, policySources } from "./policy-places.ts";
import type { Refusal, RunRequest } from "./request.ts";
import { showing } from "./seclusion.ts";
import { readSecretRules, type SecretRules } from "./secret-rules.ts";
import { readPublicKey, type ShownKey } from "./signing-key.ts";
import { objectToProtected } from "./sources/protected.ts";
import { openState, type State } from "./state.ts";
import { stateDirectory } from "./state-directory.ts";
import { type Equipment, equip, none } from "./toolchains.ts";
import { findWorkspace } from "./workspace.ts";

export interface Prepared {
  readonly kind: "ready";
  readonly request: RunRequest;
  readonly state: State;
  readonly session: Session;
  readonly policy: Policy;
  readonly profile: Profile | undefined;
  readonly installation: Installation;
  readonly credentials: readonly Credential[];
  readonly logins: readonly KeptLogin[];
  /** Where there is a login that may need a browser. */
  readonly bridge: Bridge | undefined;
  /** The policy's credentials, and what servers hand out meanwhile. */
  readonly passes: KeptPasses;
  /** What looks for the real values of all of these. */
  readonly seekers: Seekers;
  readonly equipment: Equipment;
  /** That the policy names, beside the product's own. */
  readonly secretRules: readonly SecretRules[];
  /** Where somebody else built the walls. */
  readonly outer: OuterPlace | undefined;
  /** The public part of the one that signs, where one does. */
  readonly signingKey: ShownKey | undefined;
}

export async function prepare(request: RunRequest): Promise<Prepared | Refusal> {
  const { person } = request;
  const workspace = findWorkspace(request.directory, person.home);
  const state = openState(stateDirectory(request.environment, person.home));
  // what runs in a place that somebody else built lies there, and is looked for once the policy says where that is
  const here = request.outer === undefined ? await locateHere(request, { workspace, state }) : undefined;
  if (here instanceof Fault) return notFound(here);
  const exposed = showing(state.directory, [workspace, ...treesOf(here)]);
  if (exposed !== undefined) return refuseExposure(state, exposed);
  const profile = recognise(request.command[0] ?? "", here?.tool.packageName);
  const outcome = await readFor(request, { workspace, state, profile });
  if (!outcome.ok) return { kind: "refused", code: 125, text: renderFaults(outcome.faults).trimEnd() };
  const { policy } = outcome;
  const outer = here === undefined ? await findOuter(policy, request, workspace) : undefined;
  if (outer?.kind === "refused") return outer;
  const installation = here ?? outer?.installation;
  if (installation === undefined) throw new Error("a tool is here or there");
  const objection = objectTo(policy, request, { name: profile?.name ?? installation.name, workspace });
  if (objection !== undefined) return objection;
  const holder = { tool: profile?.name ?? installation.name, workspace };
  const credentials = await gatherCredentials(
    policy,
    { request, workspace },
    openPlaceholders(state.placeholders, holder),
  );
  if (credentials instanceof Fault) return refuse(125, credentials.message, credentials.hint);
  const own = state.home(holder.tool, workspace);
  const visible = [workspace, ...policy.files.write, ...policy.files.read];
  const logins = openLogins(policy, { ...holder, state, home: person.home, own, shown: visible });
  if (logins instanceof Fault) return refuse(125, logins.message, logins.hint);
  const signingKey = policy.signing && (await readPublicKey(policy.signing, callerOf({ policy, request }), visible));
  if (signingKey instanceof Fault) return refuse(125, signingKey.message, signingKey.hint);
  const equipment = outer === undefined ? equip(policy.files.toolchains, { request, state, workspace }) : none;
  const shown = showing(state.directory, equipment.shown);
  if (shown !== undefined) return refuseExposure(state, shown);
  const secretRules = await readSecretRules(policy);
  if (secretRules instanceof Fault) return refuse(125, secretRules.message, secretRules.hint);
  const session = describe(request, { workspace, installation, policy, profile });
  const bridge = logins.length === 0 ? undefined : makeBridge(state.bridges, session.id);
  const passes = openPasses(credentials, logins);
  const { seekers } = passes;
  const given = { credentials, logins, bridge, secretRules, seekers, signingKey, passes, outer: outer?.place };
  return { kind: "ready", request, state, session, policy, profile, installation, equipment, ...given };
}

function locateHere(
  { command, environment, person, directory }: RunRequest,
  { workspace, state }: Omit<Found, "profile">,
) {
  return locate(command, {
    path: environment["PATH"] ?? "",
    home: person.home,
    workspace,
    directory,
    variables: environment,
    digests: join(state.directory, "digests.json"),
  });
}

function treesOf(installation: Installation | undefined): string[] {
  return (installation?.mounts ?? []).flatMap((mount) => (mount.kind === "read" ? [mount.from] : []));
}

function refuseExposure({ directory }: State, tree: string): Refusal {
  const text = `${tree} would be shown inside, and with it Postern's own state in ${directory}`;
  return refuse(125, text, "point POSTERN_HOME at a directory outside of it, or run in another directory");
}

interface Found {
  readonly workspace: string;
  readonly state: State;
  readonly profile: Profile | undefined;
}

function sourcesFor(request: RunRequest, { workspace, state, profile }: Found) {
  const places: Places = { ...request, home: request.person.home };
  return {
    ...policySources(places, { workspace, state, profile: profile?.name }),
    mode: request.mode,
    edits: request.edits,
    now: request.now,
  };
}

/** In a trial the checkout's whose place this is: what it says of its own files is meant of these. */
async function readFor(request: RunRequest, found: Found): Promise<PolicyOutcome> {
  const workspace = request.trial?.checkout ?? found.workspace;
  const outcome = await readPolicy(sourcesFor(request, { ...found, workspace }));
  if (!outcome.ok || request.trial === undefined) return outcome;
  return { ok: true, policy: relocate(outcome.policy, workspace, found.workspace) };
}

function objectTo(
  policy: Policy,
  request: RunRequest,
  { name, workspace }: { name: string; workspace: string },
): Refusal | undefined {
  // in a trial, what a session in the checkout itself would write
  const meant = request.trial === undefined ? policy : relocate(policy, workspace, request.trial.checkout);
  const { write } = meant.files;
  const own =
    objectToOwnProgram(write, request.started) ??
    objectToOutsideSettings(policy, write, { ...request, home: request.person.home, account: accountHome() }) ??
    objectToLinks(policy.files.write) ??
    objectToProtected(policy);
  if (own !== undefined) return refuse(125, own.message, own.hint);
  const standing = standingOf(policy, name, request.now);
  if (standing.kind === "banned")
    return refuse(122, `${name} is banned here (${standing.rule})`, standing.why ?? "ask whoever wrote the policy");
  if (standing.kind === "warned")
    request.tell({
      kind: "warning",
      text: `${name} will be banned here from ${standing.from.toISOString().slice(0, 10)} (${standing.rule})`,
      ...hint(standing.why),
    });
  if (!policy.acceptGrades.includes("full"))
    return refuse(125, `the policy accepts no grade that can be built here (${policy.require})`);
  return objectToUnenforced(policy, request);
}

/** A key nobody enforces yet is never ignored. */
function objectToUnenforced(policy: Policy, request: RunRequest): Refusal | undefined {
  const lines = policy.unenforced.map(
    ({ key, file, line, column }) => `${file}:${line}:${column}: ${key} is not enforced yet`,
  );
  if (lines.length === 0) return undefined;
  if (policy.mode === "audit") {
    for (const text of lines) request.tell({ kind: "warning", text });
    return undefined;
  }
  return refuse(
    125,
    lines.join("\npostern: "),
    "take the line out, or run with --mode audit, where it is only warned about",
  );
}

function describe(
  request: RunRequest,
  {
    workspace,
    installation,
    policy,
    profile,
  }: Pick<Prepared, "installation" | "policy" | "profile"> & { workspace: string },
): Session {
  const { person } = request;
  return {
    id: newSessionId(),
    principal: { name: person.name, uid: person.uid, host: person.host },
    tool: {
      name: profile?.name ?? installation.name,
      recognised: profile !== undefined,
      version: installation.tool.version,
      path: installation.tool.path,
      sha256: installation.tool.sha256,
    },
    mode: policy.mode,
    edits: policy.edits,
    grade: "full",
    headless: request.headless,
    workspace,
    policy: policy.sha256,
    build: digestBuild(),
  };
}

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function newSessionId(): SessionId {
  return `s-${[...randomBytes(8)].map((byte) => alphabet[byte % 32]).join("")}` as SessionId;
}

function notFound(fault: Fault): Refusal {
  return refuse(
    fault.code === "not-found" ? 127 : fault.code === "not-executable" ? 126 : 125,
    fault.message,
    fault.hint,
  );
}

function refuse(code: Refusal["code"], text: string, words?: string): Refusal {
  return { kind: "refused", code, text, ...hint(words) };
}

function hint(words: string | undefined): { hint?: string } {
  return words === undefined ? {} : { hint: words };
}
