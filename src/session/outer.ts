// `--outer NAME`: what the policy says of that place, and the tool as it is found there. In: the request. Out: the place, and an
// installation of which nothing lies out here; or a refusal. The tool's file and digest are the inside's own word.

import { basename } from "node:path";
import type { OuterPlace } from "../boundary/contract.ts";
import { parseDigest } from "../domain/brand.ts";
import { Fault } from "../domain/fault.ts";
import type { Installation } from "../inventory/installation.ts";
import { writableAround } from "../outbound/search-path.ts";
import type { Policy } from "../policy/policy.ts";
import type { Refusal, RunRequest } from "./request.ts";

export interface FoundOuter {
  readonly kind: "found";
  readonly place: OuterPlace;
  readonly installation: Installation;
}

/** Of the caller's: what engines' clients go by. Whatever else there is may hold a secret, and would be led inside. */
const told = [
  "HOME",
  "XDG_RUNTIME_DIR",
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "CONTAINER_HOST",
  "CONTAINERS_CONF",
];

export async function findOuter(policy: Policy, request: RunRequest, workspace: string): Promise<FoundOuter | Refusal> {
  const name = request.outer ?? "";
  const known = placeNamed(name, policy, { environment: request.environment, workspace });
  if (known === undefined)
    return refuse(
      `no policy says what ${name} is`,
      "`outer` in your own policy or the organisation's: docs/spec/policy.md",
    );
  if (!policy.acceptGrades.includes("outer"))
    return refuse(
      `the policy does not accept the grade outer, which ${name} has`,
      "only the organisation's policy can: limits: { accept-grades: [full, outer] }, and require: outer",
    );
  const objection = objectToEntering(known, policy.files.write);
  if (objection !== undefined) return refuse(objection.message, objection.hint);
  const { inside = known.workspace.inside } = request.trial ?? {};
  const place = { ...known, workspace: { ...known.workspace, inside } };
  const looked = await look(place, request);
  if (looked instanceof Fault) return refuse(looked.message, looked.hint);
  const { path, sha256 } = looked;
  const digest = sha256 === undefined ? undefined : parseDigest(sha256);
  if (path === undefined || digest === undefined)
    return { kind: "refused", code: 127, text: `${request.command[0]} is not found in ${name}` };
  return {
    kind: "found",
    place,
    installation: {
      name: basename(request.command[0] ?? ""),
      tool: { path, sha256: digest, version: undefined, packageName: undefined },
      command: request.command,
      mounts: [],
      searchPath: [],
    },
  };
}

/** What leads inside is started outside: it is none that the tool inside may write, by the checkout they share. */
export function objectToEntering(
  { name, enter, terminal }: Pick<OuterPlace, "name" | "enter" | "terminal">,
  writable: readonly string[],
): Fault<"outer"> | undefined {
  for (const [program = ""] of [enter, terminal]) {
    const tree = writableAround(program, "", writable);
    if (tree === undefined) continue;
    const message = `what leads into ${name} is started outside, and ${program} lies where the tool may write, in ${tree}`;
    return new Fault({ code: "outer", message, hint: `name another in \`outer.${name}\`, such as /usr/bin/docker` });
  }
  return undefined;
}

/** Undefined where no policy says what it is. */
export function placeNamed(
  name: string,
  { outer = {} }: Policy,
  { environment, workspace }: Pick<RunRequest, "environment"> & { readonly workspace: string },
): OuterPlace | undefined {
  const rule = Object.hasOwn(outer, name) ? outer[name] : undefined;
  if (rule === undefined) return undefined;
  const { enter, terminal, door, workspace: inside = workspace, node } = rule;
  const kept = told.flatMap((each) => (environment[each] === undefined ? [] : [[each, environment[each]] as const]));
  return {
    ...{ name, enter, terminal, door, node },
    workspace: { host: workspace, inside },
    environment: { ...Object.fromEntries(kept), PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
  };
}

async function look(place: OuterPlace, request: RunRequest) {
  const { reachInside } = await import("../boundary/outer/hand.ts");
  try {
    await using hand = await reachInside({ place, uid: request.person.uid, relay: undefined });
    return await hand.ask(
      { kind: "look", command: request.command[0] ?? "", directory: place.workspace.inside },
      "looked",
    );
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function refuse(text: string, hint?: string): Refusal {
  return { kind: "refused", code: 125, text, ...(hint === undefined ? {} : { hint }) };
}
