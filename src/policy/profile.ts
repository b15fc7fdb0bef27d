// Tool profiles: data that comes with the product. Which commands a tool is known by, its hosts with their purpose, its
// default credentials, and what it needs in its environment.

import { basename } from "node:path";
import type { Purpose } from "../domain/reach.ts";
import claudeCode from "./profiles/claude-code.json" with { type: "json" };
import cline from "./profiles/cline.json" with { type: "json" };
import codex from "./profiles/codex.json" with { type: "json" };
import copilot from "./profiles/copilot.json" with { type: "json" };
import geminiCli from "./profiles/gemini-cli.json" with { type: "json" };
import opencode from "./profiles/opencode.json" with { type: "json" };
import pi from "./profiles/pi.json" with { type: "json" };
import qwenCode from "./profiles/qwen-code.json" with { type: "json" };

/** A tool's own OAuth login. Names of files and members are the tool's; a path of members leads to a value. */
export interface LoginData {
  /** Where tokens are given out. */
  readonly endpoint: { readonly host: string; readonly paths: readonly string[] };
  /** What else is asked on the way to a login: codes for devices. */
  readonly also: readonly {
    readonly host: string;
    readonly methods: readonly string[];
    readonly paths: readonly string[];
  }[];
  /** Hosts of the page where a person says yes. */
  readonly authorise: readonly string[];
  /** Where the access token is put in. */
  readonly places: readonly {
    readonly host: string;
    readonly header: string;
    readonly methods: readonly string[];
    readonly paths: readonly string[];
    readonly purpose: string;
  }[];
  /** What its opaque tokens begin with. */
  readonly prefixes: { readonly access?: string; readonly refresh?: string };
  /** Where the tool keeps its login, from the home. */
  readonly file: {
    readonly path: string;
    readonly access: readonly string[];
    readonly refresh: readonly string[];
    readonly id?: readonly string[];
    /** Milliseconds since 1970. */
    readonly expires?: readonly string[];
    /** The day and time of the last refresh, as ISO 8601. */
    readonly refreshed?: readonly string[];
    /** A text, or a list of them. */
    readonly scope?: readonly string[];
    /** What else of it may be shown inside. */
    readonly keep: readonly (readonly string[])[];
    /** How the tool can be told to keep it elsewhere, in a keyring say, and how to have it in the file again. */
    readonly elsewhere?: { readonly where: string; readonly remedy: string };
  };
  /** Where these facts are from. */
  readonly source: string;
  /** Seen in a run against the vendor. */
  readonly confirmed: boolean;
}

/** A profile as it stands in its file; `docs/spec/policy.md` says what each key means. */
interface ProfileData {
  readonly name: string;
  readonly title: string;
  /** Base names it is started by. */
  readonly commands: readonly string[];
  /** Packages it is published as. */
  readonly packages: readonly string[];
  readonly hosts: readonly {
    /** As in a policy: exact, or `*.suffix`. */
    readonly host: string;
    readonly purpose: string;
    readonly methods?: readonly string[];
    readonly paths?: readonly string[];
    /** Which wire format inference there speaks; refusals take its error shape. */
    readonly protocol?: string;
  }[];
  readonly credentials: readonly {
    readonly id: string;
    /** The caller's variable, and the one inside that holds the placeholder. */
    readonly variable: string;
    readonly host: string;
    readonly header: string;
    readonly paths?: readonly string[];
    readonly shape: string;
  }[];
  /** How it logs in by itself, where that is known. */
  readonly login?: LoginData;
  /** Set inside, beside what every tool gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Set inside as well where one of its `credentials` is in use, and no login of its own. */
  readonly withKey?: Readonly<Record<string, string>>;
  /** The caller's, passed on as they are: they say which model and which endpoint, and hold no secret. */
  readonly variables?: readonly string[];
  /** Settings put inside read-only: absolute path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** The tool's own switch for another endpoint, where it is a variable. */
  readonly baseUrl: readonly { readonly protocol: string; readonly variable: string }[];
  /** Switches with which it asks nothing: inside, the walls stand in place of its questions. */
  readonly bypass: readonly string[];
  /** Files of the home with its settings and no credential; shown inside only where a policy's `files.read` lists them. */
  readonly settings: readonly string[];
  /** Variables of which it takes an authority. All are set inside. */
  readonly authorities: readonly string[];
  /** Measured facts a person should know; printed by `reach`. */
  readonly notes: readonly string[];
}

const all: readonly ProfileData[] = [claudeCode, codex, geminiCli, opencode, qwenCode, copilot, cline, pi].map(plain);

export interface Profile extends ProfileData {
  readonly hosts: readonly (ProfileData["hosts"][number] & { readonly purpose: Purpose })[];
}

/** JSON modules of differing shape → one shape. */
function plain(data: ProfileData): ProfileData {
  return data;
}

const purposes: readonly Purpose[] = ["inference", "login", "telemetry", "flags", "update", "registry", "other"];

/** Every profile that comes with the product. */
export const profiles: readonly Profile[] = all.map((data) => ({
  ...data,
  hosts: data.hosts.map((host) => ({ ...host, purpose: purposeOf(host.purpose) })),
}));

/** A word as a purpose; anything else is `other`. */
export function purposeOf(text: string | undefined): Purpose {
  return purposes.find((purpose) => purpose === text) ?? "other";
}

export function profileNamed(name: string): Profile | undefined {
  return profiles.find((profile) => profile.name === name);
}

/** The command as typed, and the name in the package.json beside it where one was found → the tool's profile. */
export function recognise(command: string, packageName?: string): Profile | undefined {
  const base = basename(command).replace(/\.(?:[cm]?js|exe)$/, "");
  return (
    profiles.find((profile) => packageName !== undefined && profile.packages.includes(packageName)) ??
    profiles.find((profile) => profile.commands.includes(base))
  );
}

/** The shape of a placeholder for a credential bound to this host and header, from whichever profile knows it. */
export function shapeOf(host: string, header: string): string {
  const known = profiles.flatMap((profile) => profile.credentials);
  return known.find((credential) => credential.host === host && credential.header === header)?.shape ?? "";
}
