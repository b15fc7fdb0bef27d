// What the walls are asked to show inside: the private home, the checkout with its control files held, the tool's own
// installation, what the policy lets it read; and the environment. Nothing else of the person's is there.

import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Identity, Mount, Plan } from "../boundary/contract.ts";
import { authorityVariables } from "../boundary/linux/view/authorities.ts";
import { Fault } from "../domain/fault.ts";
import { findSockets } from "../review/sockets.ts";
import type { Checkouts } from "./checkout.ts";
import { composeEnvironment } from "./environment.ts";
import { gitMounts, gitVariables, lfsSettings, signingSettings } from "./git-inside.ts";
import { gitSettings, withGitSettings } from "./git-settings.ts";
import type { Prepared } from "./prepare.ts";
import { type RegistriesTold, tellRegistries, withoutRegistries } from "./registries.ts";
import { passSettings } from "./settings.ts";
import { byDepth } from "./state.ts";
import { trustStoresIn } from "./trust-stores.ts";

/** Makes the private home where it is missing. */
export function composePlan(prepared: Prepared, checkouts: Checkouts, authority: string): Plan {
  const { request, session, installation, profile, credentials, policy, equipment, bridge } = prepared;
  const identity = identify(prepared);
  const placeholders = credentials.flatMap(({ variable, placeholder }) =>
    variable === undefined ? [] : [[variable, placeholder] as const],
  );
  const registries = tellRegistries(prepared);
  return {
    mounts: composeMounts(prepared, checkouts, { identity, registries }),
    detours: checkouts.detours,
    guarded: checkouts.trees.map(({ root }) => root),
    trustStores: trustStoresIn([...installation.mounts, ...equipment.mounts]),
    identity,
    environment: composeEnvironment({
      caller: request.environment,
      name: identity.name,
      home: identity.home,
      shell: identity.shell,
      searchPath: bridge === undefined ? installation.searchPath : [bridge.searchPath, ...installation.searchPath],
      own: equipment.searchPath,
      added: [
        withGitSettings(checkouts.environment, [
          ...gitSettings(withoutRegistries(credentials, policy), policy.network),
          ...lfsSettings(policy),
          ...signingSettings(prepared.signingKey),
        ]),
        gitVariables(policy),
        equipment.environment,
        registries.environment,
        passSettings(profile?.variables ?? [], request, prepared),
        profile?.environment ?? {},
        hasKey(prepared) ? (profile?.withKey ?? {}) : {},
        bridge?.environment ?? {},
        authorityVariables,
        Object.fromEntries(placeholders),
      ],
    }),
    directory: request.directory.startsWith(session.workspace) ? request.directory : session.workspace,
    authority,
    services: policy.services,
    ...(checkouts.view.blanks === undefined ? {} : { blanks: checkouts.view.blanks }),
    lesser: policy.acceptGrades,
    outer: prepared.outer,
  };
}

/** A key of the tool's own kind, and nobody logs in. */
function hasKey({ profile, credentials, logins }: Prepared): boolean {
  const known = profile?.credentials.map(({ variable }) => variable) ?? [];
  return logins.length === 0 && credentials.some(({ variable }) => known.some((name) => name === variable));
}

function composeMounts(
  { state, session, policy, profile, installation, equipment, bridge, signingKey }: Prepared,
  checkouts: Checkouts,
  { identity, registries }: { readonly identity: Identity; readonly registries: RegistriesTold },
): Mount[] {
  const home = state.home(session.tool.name, session.workspace);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const read = policy.files.read.filter((path) => existsSync(path));
  const mounts: Mount[] = [
    { kind: "write", path: identity.home, from: home, ours: true },
    { kind: "read", path: session.workspace, from: session.workspace },
    ...Object.entries(profile?.files ?? {}).map(([path, text]) => ({ kind: "text" as const, path, text })),
    ...registries.mounts,
    ...(bridge?.mounts ?? []),
    ...equipment.mounts,
    ...byDepth(read).map((path) => ({ kind: "read" as const, path, from: path })),
    ...checkouts.mounts,
    ...gitMounts(policy, signingKey),
    ...maskSockets([...read, ...checkouts.open]),
    ...installation.mounts.filter((mount) => !isThere(mount, equipment.mounts)), // late: one within the checkout stays unwritable
  ];
  return [...mounts, ...checkouts.view.covers(mounts)]; // last: nothing is laid over what hides
}

/** A link that lies in what is shown already, or is shown by itself. */
function isThere(mount: Mount, shown: readonly Mount[]): boolean {
  const holds = ({ kind, path }: Mount): boolean =>
    path === mount.path || (kind === "read" && mount.path.startsWith(`${path}/`));
  return mount.kind === "link" && shown.some(holds);
}

/** Each socket of the host that is there now, covered by an empty file: it could be connected to even where unwritable. */
function maskSockets(roots: readonly string[]): Mount[] {
  const found = roots.map((root) => ({ root, ...findSockets(root) }));
  for (const { root, truncated } of found)
    if (truncated !== undefined)
      throw new Fault({
        code: "sockets",
        message: `not every socket below ${root} can be found: ${truncated}`,
        hint: "let it be smaller, and every directory in it one you may list",
      });
  const paths = new Set(found.flatMap(({ paths }) => paths));
  return [...paths].map((path) => ({ kind: "text", path, text: "" }));
}

/** Never 0 inside: tools refuse their own bypass modes as root. Directories give names and numbers no account file may hold. */
function identify({ request }: Prepared): Identity {
  const { uid, gid, name, home, shell } = request.person;
  const root = uid === 0;
  return {
    uid: plainId(uid),
    gid: plainId(gid),
    name: root || !/^[a-z_][a-z0-9_-]{0,31}$/i.test(name) ? "dev" : name,
    home,
    shell: existsSync(shell) && dirname(shell).match(/^\/(?:usr\/)?bin$/) ? shell : "/bin/sh",
  };
}

function plainId(id: number): number {
  return id > 0 && id < 65_534 ? id : 1000;
}
