// Every layer → one Policy, or all the faults of all files. Reads the files it is pointed at and nothing else; what a
// repository asks for beyond narrowing counts only where it is trusted, and nothing counts beyond the limits.

import { canonicalJson, sha256 } from "./canonical.ts";
import { ceilingOf } from "./ceiling.ts";
import { joinCommands } from "./commands.ts";
import { joinContent } from "./content.ts";
import { joinCredentials } from "./credentials.ts";
import { unenforcedIn } from "./enforced.ts";
import { dotted, inOrder, type PolicyFault } from "./fault.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { avoid, beyond, enrol, type Joining } from "./joining.ts";
import { joinLabels, joinProtected } from "./labels.ts";
import { type Layer, type PolicySources, readLayers } from "./layers.ts";
import { joinLogins } from "./logins.ts";
import { nearest } from "./nearest.ts";
import { joinNetwork } from "./network.ts";
import { joinOuter } from "./outer.ts";
import { joinFiles } from "./paths.ts";
import type { Policy, PolicyLayer, ProxySetting } from "./policy.ts";
import { joinPorts } from "./ports.ts";
import { type Profile, profileNamed, profiles } from "./profile.ts";
import { findRegistries, tamperedRegistries } from "./registry-grants.ts";
import { requestsOf } from "./requests.ts";
import { joinSecretRules } from "./secret-rules.ts";
import { joinSigning } from "./signing.ts";
import { joinStance } from "./stance.ts";
import { joinTools } from "./standing.ts";
import { joinTrusted } from "./trusted-sources.ts";

export type { PolicySources } from "./layers.ts";

export type PolicyOutcome =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

export async function readPolicy(sources: PolicySources): Promise<PolicyOutcome> {
  const { layers, faults } = await readLayers(sources);
  const unknown = layers.flatMap(unknownProfiles);
  if (faults.length + unknown.length > 0) return { ok: false, faults: [...faults, ...unknown] };
  const granting = layers.filter((layer) => layer.counts);
  const ceiling = ceilingOf(layers, sources);
  const filled = { voided: [], requested: [], origins: {}, told: [] };
  const alone: Joining = { granting, layers, sources, ceiling, registries: new Map(), ...filled };
  const files = await joinFiles(alone);
  const registries = await findRegistries(granting, sources, files.write);
  const tampered = tamperedRegistries(granting, registries, sources.now);
  if (tampered.length > 0) return { ok: false, faults: tampered };
  return { ok: true, policy: join({ ...alone, registries }, files) };
}

function join(joining: Joining, files: Policy["files"]): Policy {
  const { layers, granting, sources } = joining;
  const used = usedProfiles(granting, sources.profile);
  const { grants, publish, services } = joinPorts(joining);
  const logins = joinLogins(joining);
  const outer = joinOuter(joining);
  const content = joinContent(joining);
  const [labels, trees, trusted] = [joinLabels(joining), joinProtected(joining), joinTrusted(joining)];
  const secretRules = joinSecretRules(joining);
  const effective = {
    ...joinStance(joining),
    files,
    network: [...joinNetwork(joining, used), ...logins.network, ...grants],
    ...(joining.ceiling.widest === undefined ? {} : { widest: joining.ceiling.widest }),
    registries: joining.told,
    publish,
    services,
    credentials: joinCredentials(joining, used),
    logins: logins.grants,
    commands: joinCommands(joining),
    tools: joinTools(joining),
    proxy: joinProxy(joining),
    signing: joinSigning(joining),
    ...(content === undefined ? {} : { content }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(trees.length === 0 ? {} : { protected: trees }),
    ...(trusted === undefined ? {} : { trusted }),
    ...(secretRules.length === 0 ? {} : { secretRules }),
    ...(Object.keys(outer).length === 0 ? {} : { outer }),
  };
  const silent = layers.filter((layer) => !layer.counts);
  joining.requested.push(...silent.flatMap((layer) => requestsOf(joining, layer, files)));
  const asking = silent.filter((layer) => joining.requested.some((notice) => notice.file === layer.parsed.file));
  return {
    ...effective,
    purposes: used.flatMap(purposesOf),
    layers: [...layers.map(described), ...used.map(describedProfile)],
    sha256: sha256(canonicalJson(effective)),
    unenforced: layers.flatMap(missing),
    requested: inOrder(joining.requested),
    voided: inOrder(joining.voided),
    untrusted: asking.map((layer) => ({ path: layer.parsed.file, digest: layer.digest })),
    origins: joining.origins,
  };
}

function usedProfiles(granting: readonly Layer[], recognised: string | undefined): Profile[] {
  const names = [recognised, ...granting.flatMap((layer) => layer.parsed.value.extends ?? [])];
  return [...new Set(names)].flatMap((name) => (name === undefined ? undefined : profileNamed(name)) ?? []);
}

function unknownProfiles({ parsed }: Layer): PolicyFault[] {
  const names = profiles.map((profile) => profile.name);
  return (parsed.value.extends ?? []).flatMap((name, index) => {
    if (names.includes(name)) return [];
    const meant = nearest(name, names);
    const hint = meant === undefined ? `one of ${names.join(", ")}` : `did you mean ${meant}?`;
    return [
      parsed.fault({
        key: ["extends", index],
        message: `there is no profile "${name}"`,
        hint,
        example: "extends: [claude-code]",
      }),
    ];
  });
}

function joinProxy(joining: Joining): ProxySetting | undefined {
  const kinds: readonly Layer["kind"][] = ["user", "organisation", "repository"];
  const speaking = kinds.flatMap((kind) =>
    joining.granting.filter((layer) => layer.kind === kind && layer.parsed.value.proxy !== undefined),
  );
  for (const layer of speaking) {
    const { url, ca, except = [] } = layer.parsed.value.proxy ?? {};
    const host = url === undefined ? undefined : parseHostPattern(new URL(url).hostname.replace(/^\[|\]$/g, ""));
    const wide =
      host?.ok === true && layer.kind !== "organisation" ? joining.ceiling.hosts(host.pattern, undefined) : undefined;
    if (wide === undefined) {
      return {
        rule: enrol(joining, layer, ["proxy"]),
        url,
        ca: ca === undefined ? undefined : layer.authorities.get(ca),
        except: except.flatMap((text) => {
          const parsed = parseHostPattern(text);
          return parsed.ok ? [parsed.pattern] : [];
        }),
      };
    }
    avoid(joining, layer, { path: ["proxy", "url"], message: wide, hint: beyond });
  }
  return undefined;
}

function purposesOf(profile: Profile): Policy["purposes"] {
  return profile.hosts.flatMap(({ host, paths, purpose }) => {
    const parsed = parseHostPattern(host);
    return parsed.ok ? [{ host: parsed.pattern, paths, purpose }] : [];
  });
}

function described({ kind, parsed }: Layer): PolicyLayer {
  return { kind, path: parsed.file, sha256: parsed.sha256 };
}

function describedProfile(profile: Profile): PolicyLayer {
  return { kind: "profile", path: profile.name, sha256: sha256(canonicalJson(profile)) };
}

function missing({ parsed }: Layer): Policy["unenforced"] {
  return unenforcedIn(parsed.value).map((path) => ({ key: dotted(path), ...parsed.place(path) }));
}
