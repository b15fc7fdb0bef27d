// The house rules as one value: every layer read, joined, cut to the organisation's limits. Everything that counts has an
// id (`user:network.allow[2]`) and a place; everything that stands in a file and does not count is listed with its reason.

import type { Digest, Host } from "../domain/brand.ts";
import type { ContentRules } from "../domain/content-rules.ts";
import type { Address } from "../domain/exchange.ts";
import type { CommandPrefix } from "../domain/execution.ts";
import type { SigningFormat } from "../domain/git-desk.ts";
import type { NetworkGrant, Purpose } from "../domain/reach.ts";
import type { Edits, Grade, Mode } from "../domain/session.ts";
import type { Notice, Place } from "./fault.ts";
import type { HostPattern } from "./host-pattern.ts";
import type { LabelRule, ProtectedRule } from "./labels.ts";
import type { LoginData } from "./profile.ts";
import type { RegistryClient, RegistrySetting } from "./registry.ts";

import type { SecretRulesFile } from "./secret-rules.ts";
import type { TrustedSources } from "./trusted-sources.ts";

export type LayerKind = "organisation" | "user" | "repository" | "profile" | "command";

export interface PolicyLayer {
  readonly kind: LayerKind;
  /** Absolute; for a profile its name. */
  readonly path: string;
  readonly sha256: Digest;
}

/** Where a real value is to be found; reading it is the session's. */
export type CredentialSource =
  /** A variable of the caller's environment. */
  | { readonly env: string }
  /** Absolute. */
  | { readonly file: string }
  | { readonly command: readonly string[] }
  /** What a package manager's own configuration has for one of its places. */
  | { readonly registry: RegistryClient; readonly at: string };

export interface CredentialGrant {
  /** Its key in the policy: `anthropic`. */
  readonly id: string;
  /** `user:credentials.anthropic`. */
  readonly rule: string;
  readonly from: CredentialSource;
  readonly to: {
    readonly host: Host;
    /** Lower case. */
    readonly header: string;
    readonly paths: readonly string[] | undefined;
    /** As the password of Basic authentication, beside this name where one is given. */
    readonly basic?: { readonly user: string | undefined } | undefined;
    readonly registry?: RegistryClient | undefined;
  };
  /** The variable inside that carries the placeholder. */
  readonly as: string | undefined;
  /** What a placeholder must begin with for the tool to take it: `sk-ant-api03-`; empty where unknown. */
  readonly shape: string;
  /** A profile's default: left out silently where the source has nothing. */
  readonly optional: boolean;
}

/** A tool's own login: where its tokens come from and go, and who keeps them. */
export interface LoginGrant {
  /** Its key in the policy. */
  readonly id: string;
  /** `user:credentials.claude`. */
  readonly rule: string;
  /** The profile whose login it is. */
  readonly tool: string;
  /** `inside`: made inside, kept with the tool's private home. `host`: the one this machine has already. */
  readonly of: "inside" | "host";
  readonly endpoint: { readonly host: Host; readonly paths: readonly string[] };
  readonly places: readonly CredentialGrant["to"][];
  readonly authorise: readonly Host[];
  readonly prefixes: LoginData["prefixes"];
  readonly file: LoginData["file"];
}

export const toolchains = ["node", "python", "rust", "go", "java"] as const;
export type Toolchain = (typeof toolchains)[number];

export interface CommandRule {
  /** `user:commands.ask[0]`. */
  readonly rule: string;
  readonly prefix: CommandPrefix;
}

export interface ToolRule {
  readonly rule: string;
  readonly status: "allowed" | "banned";
  /** Milliseconds since the epoch. */
  readonly warnFrom: number | undefined;
  readonly from: number | undefined;
  readonly why: string | undefined;
}

/** A port of the inside that the host's loopback may reach. */
export interface PublishedPort {
  readonly port: number;
  /** `user:network.publish[0]`. */
  readonly rule: string;
}

/** The corporate proxy by which the gateway itself goes out. */
export interface ProxySetting {
  readonly rule: string;
  readonly url: string | undefined;
  /** PEM, trusted beside the system's. */
  readonly ca: string | undefined;
  /** Hosts dialled without it. */
  readonly except: readonly HostPattern[];
}

/** A package manager whose registries are granted, and what it is told of them inside. */
export interface RegistryRule {
  /** `user:network.allow[0]`. */
  readonly rule: string;
  readonly client: RegistryClient;
  readonly settings: readonly RegistrySetting[];
}

/** How git's commits and tags are signed. */
export interface SigningRule {
  readonly rule: string;
  readonly format: SigningFormat;
  /** ssh: an absolute path. Else a fingerprint or long id: hexadecimal, capitals. */
  readonly key: string;
  readonly use: "allow" | "ask";
}

/** A container or machine that somebody else built. */
export interface OuterRule {
  readonly rule: string;
  /** Put before a command, the first word a whole path; `terminal`: where it has one. */
  readonly enter: readonly string[];
  readonly terminal: readonly string[];
  /** One directory, as either side sees it; absolute. */
  readonly door: { readonly host: string; readonly inside: string };
  /** The checkout inside; undefined: at its own path. */
  readonly workspace: string | undefined;
  /** Inside. */
  readonly node: string;
}

export interface Policy {
  readonly mode: Mode;
  /** The least grade accepted. */
  readonly require: Grade;
  /** The grades a session may have, strongest first; never empty. */
  readonly acceptGrades: readonly Grade[];
  readonly edits: Edits;
  readonly files: {
    /** Absolute paths. */
    readonly write: readonly string[];
    readonly read: readonly string[];
    /** Globs from the workspace (`review/veil/pattern.ts`). */
    readonly hide: readonly string[];
    readonly mask: readonly string[];
    /** To be found where they are and shown. */
    readonly toolchains: readonly Toolchain[];
    /** The grant's id by kind and path: `write:/home/me/project`; by kind and name or glob: `toolchains:rust`, `hide:secrets/**`. */
    readonly rules: Readonly<Record<string, string>>;
  };
  /** In the order in which they are tried; services come last. */
  readonly network: readonly NetworkGrant[];
  /** The organisation's limit, which holds also where audit passes on what no grant covers; absent where there is none. */
  readonly widest?: readonly HostPattern[];
  readonly registries: readonly RegistryRule[];
  readonly publish: readonly PublishedPort[];
  /** Services that would be on the loopback: to be listened for on the inside's. */
  readonly services: readonly Address[];
  readonly credentials: readonly CredentialGrant[];
  readonly logins: readonly LoginGrant[];
  /** Of every layer, a repository's too: none of them can take another's back. */
  readonly commands: { readonly ask: readonly CommandRule[]; readonly deny: readonly CommandRule[] };
  /** Absent where no layer says anything of it. */
  readonly content?: ContentRules;
  /** What files are called, by whose word; absent where nobody says anything of it. */
  readonly labels?: readonly LabelRule[];
  /** Other trees whose files are known. */
  readonly protected?: readonly ProtectedRule[];
  /** Files of rules beside the product's own; absent where there is none. */
  readonly secretRules?: readonly SecretRulesFile[];
  /** What is not counted as come from outside. */
  readonly trusted?: TrustedSources;
  /** By the tool's name. */
  readonly tools: Readonly<Record<string, readonly ToolRule[]>>;
  readonly proxy: ProxySetting | undefined;
  readonly signing: SigningRule | undefined;
  /** By name; absent where there is none. */
  readonly outer?: Readonly<Record<string, OuterRule>>;
  /** What the recognised tool's hosts are for, granted or not. */
  readonly purposes: readonly {
    readonly host: HostPattern;
    readonly paths: readonly string[] | undefined;
    readonly purpose: Purpose;
  }[];
  readonly layers: readonly PolicyLayer[];
  /** Of the canonical effective policy. */
  readonly sha256: Digest;
  /** Keys that stand in a file and are not enforced yet: `run` exits 125 in enforce and warns in audit. */
  readonly unenforced: readonly (Place & { readonly key: string })[];
  /** What a repository asks for and nobody granted. */
  readonly requested: readonly Notice[];
  /** What somebody granted and does not count: past its day, beyond the limits, overridden. */
  readonly voided: readonly Notice[];
  /** What a person would have to trust for `requested` to count: one for each untrusted file with requests. */
  readonly untrusted: readonly { readonly path: string; readonly digest: Digest }[];
  /** Where everything that counts stands, by id. */
  readonly origins: Readonly<Record<string, Place>>;
}

export const grades: readonly Grade[] = ["full", "outer", "partial", "record-only"];
