// Where policies stand → the layers in force, parsed, each with whether it counts by itself. A file inside the workspace
// is the repository's, whoever named it; the repository's counts beyond narrowing only where its digest is trusted.

import { X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { Digest } from "../domain/brand.ts";
import type { Edits, Mode } from "../domain/session.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import type { ParsedPolicy, Path } from "./document.ts";
import type { PolicyFault } from "./fault.ts";
import { maxAuthorityBytes, maxFileBytes } from "./limits.ts";
import type { LayerKind } from "./policy.ts";
import { readBounded, real } from "./reading.ts";
import type { RegistryLookup } from "./registry.ts";
import { absolute, isWithin } from "./way.ts";

export interface PolicySources {
  /** Paths, each undefined or naming a file that may be absent. */
  readonly organisation: string | undefined;
  readonly user: string | undefined;
  readonly repository: string | undefined;
  /** `--policy F`: replaces the user's; must be there. */
  readonly override: string | undefined;
  /** `--mode` and `--edits`. */
  readonly mode: Mode | undefined;
  readonly edits: Edits | undefined;
  /** Absolute. */
  readonly workspace: string;
  readonly home: string;
  /** The recognised tool's profile. */
  readonly profile: string | undefined;
  /** Postern's own state and configuration: no file grant may hold or lie in them. */
  readonly guarded: readonly string[];
  /** Did a person trust this digest of a repository's policy? */
  readonly trusted: (digest: Digest) => boolean;
  readonly now: Date;
  /** Where package managers fetch here; left out, `registry` entries grant nothing. */
  readonly registries?: RegistryLookup;
}

export interface Layer {
  readonly kind: Exclude<LayerKind, "profile" | "command">;
  /** Begins every id: `organisation`, `user`, `repository`. */
  readonly name: string;
  readonly parsed: ParsedPolicy;
  /** What a person trusts: the file and the authorities it names. */
  readonly digest: Digest;
  /** May it grant? Always for organisation and user. */
  readonly counts: boolean;
  /** PEM by the text of its `ca`. */
  readonly authorities: ReadonlyMap<string, string>;
}

type Read = { readonly layer: Layer } | { readonly faults: readonly PolicyFault[] } | undefined;

/** In the order organisation, user, repository. Reads files; never throws for what stands in them. */
export async function readLayers(sources: PolicySources): Promise<{ layers: Layer[]; faults: PolicyFault[] }> {
  const found = await Promise.all((await placed(sources)).map((place) => readLayer(place, sources)));
  return {
    layers: found.flatMap((read) => (read !== undefined && "layer" in read ? [read.layer] : [])),
    faults: found.flatMap((read) => (read !== undefined && "faults" in read ? read.faults : [])),
  };
}

interface Placed {
  readonly kind: Layer["kind"];
  readonly name: string;
  readonly path: string;
  readonly needed: boolean;
}

async function placed(sources: PolicySources): Promise<Placed[]> {
  const places: Placed[] = [];
  const { organisation, repository } = sources;
  if (organisation !== undefined)
    places.push({ kind: "organisation", name: "organisation", path: organisation, needed: false });
  const own = repository === undefined ? undefined : resolve(repository);
  for (const path of sources.override === undefined ? [sources.user] : [sources.override, sources.user]) {
    if (path === undefined || resolve(path) === own) continue;
    const needed = path === sources.override;
    const inside = await isInside(path, sources.workspace);
    if (inside) places.push({ kind: "repository", name: needed ? "repository-file" : "repository-user", path, needed });
    else places.push({ kind: "user", name: "user", path, needed });
    if (!inside) break;
  }
  if (own !== undefined)
    places.push({
      kind: "repository",
      name: "repository",
      path: own,
      needed: own === resolve(sources.override ?? "/"),
    });
  return places;
}

/** By its name or by what the name leads to: the repository could have chosen either. */
async function isInside(path: string, workspace: string): Promise<boolean> {
  const root = await real(workspace);
  return isWithin(resolve(path), workspace) || isWithin(await real(resolve(path)), root);
}

async function readLayer({ kind, name, path, needed }: Placed, sources: PolicySources): Promise<Read> {
  const reading = await readBounded(path, maxFileBytes);
  if (reading.kind === "absent" && !needed) return undefined;
  // only now: what reads YAML takes longer to load than a small policy to read
  const { parsePolicy, wholeFile } = await import("./document.ts");
  if (reading.kind !== "bytes") {
    const message = reading.kind === "absent" ? "there is no such policy" : `the policy ${reading.why}`;
    return {
      faults: [wholeFile(path, { message, hint: "mend the file, or name another with --policy", example: "" })],
    };
  }
  const parsed = parsePolicy(reading.bytes, path);
  if (!parsed.ok) return parsed;
  const { authorities, faults } = await readAuthorities(parsed.policy, sources.home);
  if (kind !== "organisation" && parsed.policy.value.limits !== undefined)
    faults.push(parsed.policy.fault(misplacedLimits));
  if (faults.length > 0) return { faults };
  const digest = trustDigest(parsed.policy.sha256, [...authorities.values()]);
  const counts = kind !== "repository" || sources.trusted(digest);
  return { layer: { kind, name, parsed: parsed.policy, digest, counts, authorities } };
}

const misplacedLimits = {
  key: ["limits"],
  message: "only the organisation's policy may hold limits",
  hint: "limits stand in /etc/postern/policy.yaml; here grant less instead",
  example: "network:\n  allow: []",
};

/** The authorities belong to what is trusted: a trusted file whose ca changed is another file. */
function trustDigest(file: Digest, authorities: readonly string[]): Digest {
  return authorities.length === 0
    ? file
    : sha256(canonicalJson({ file, authorities: authorities.map((pem) => sha256(pem)) }));
}

async function readAuthorities(
  parsed: ParsedPolicy,
  home: string,
): Promise<{ authorities: Map<string, string>; faults: PolicyFault[] }> {
  const authorities = new Map<string, string>();
  const faults: PolicyFault[] = [];
  for (const { text, key } of authorityPaths(parsed)) {
    const path = absolute(text, dirname(resolve(parsed.file)), home);
    const reading = await readBounded(path, maxAuthorityBytes);
    const pem = reading.kind === "bytes" ? certificates(reading.bytes.toString("latin1")) : undefined;
    if (pem !== undefined) authorities.set(text, pem);
    else faults.push(parsed.fault({ key, ...unusable(reading.kind === "unreadable" ? reading.why : reading.kind) }));
  }
  return { authorities, faults };
}

function authorityPaths({ value }: ParsedPolicy): { text: string; key: Path }[] {
  const upstreams = (value.network?.allow ?? []).map((entry, index) => ({
    text: entry.upstream?.ca,
    key: ["network", "allow", index, "upstream", "ca"],
  }));
  return [...upstreams, { text: value.proxy?.ca, key: ["proxy", "ca"] }].flatMap(({ text, key }) =>
    text === undefined ? [] : [{ text, key }],
  );
}

function unusable(seen: string): { message: string; hint: string; example: string } {
  const words: Readonly<Record<string, string>> = {
    bytes: "holds no certificate that can be read",
    absent: "is not there",
  };
  return {
    message: `the ca ${words[seen] ?? seen}`,
    hint: "a PEM file, looked for from this policy's directory",
    example: 'upstream: { address: "127.0.0.1:8443", ca: ./ca.pem }',
  };
}

/** The certificates of a PEM text and nothing else of it, or undefined where there are none or one is broken. */
function certificates(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g) ?? [];
  try {
    const pems = blocks.map((block) => new X509Certificate(block).toString());
    return pems.length === 0 ? undefined : pems.join("");
  } catch {
    return undefined;
  }
}
