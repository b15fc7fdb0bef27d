// One ordinary session of a published agent inside the real boundary, on a generated repository: how many of its requests passed the gateway
// with their content looked into, and every covert finding in them, as the record has it. Judged by the record alone.

import { join } from "node:path";
import { profileNamed } from "../../src/policy/profile.ts";
import { type Installed, nodeDirectory } from "../agents/packages.ts";
import { grants, startVendor } from "../agents/play.ts";
import { type Agent, prompt, type Way } from "../agents/roster.ts";
import { openOutside } from "../journeys/outside.ts";
import { type Logged, Stage } from "../journeys/stage.ts";
import type { Generated } from "./generated.ts";

export interface Found {
  readonly label: string;
  readonly role: string;
  /** The fields that lead there, without the numbers of lists. */
  readonly path: string;
  readonly bits: number;
}

export interface Ordinary {
  /** That went to the vendor, with content. */
  readonly passed: number;
  /** Of those: what they were read as. */
  readonly protocols: readonly string[];
  readonly findings: readonly Found[];
  /** Counted, told or not. */
  readonly counted: number;
  /** For messages alone. */
  readonly told: string;
}

const patience = 400_000;

export async function playOrdinary(
  agent: Agent,
  way: Way,
  { installed, generated }: { readonly installed: Installed; readonly generated: Generated },
): Promise<Ordinary> {
  const profile = profileNamed(agent.name);
  if (profile === undefined) throw new Error(`no profile ${agent.name}`);
  using stage = new Stage({ workspace: "shop", files: generated.files, git: true });
  const key = agent.key();
  await using outside = await openOutside({ directory: stage.base });
  const root = agent.absolute === true ? `${stage.work}/` : "";
  await using vendor = await startVendor(outside.enter, { key, names: agent.hosts, root, script: generated.script });
  const settings = Object.entries(way.files ?? {}).map(([path, text]) => stage.write(join(stage.home, path), text));
  const upstream = { address: vendor.address, ca: stage.write("vendor.pem", vendor.ca) };
  const running = {
    policy: {
      files: { write: ["."], read: settings },
      network: { allow: grants(profile, { agent, way }, upstream) },
      ...(agent.credentials === undefined ? {} : { credentials: agent.credentials }),
    },
    flags: ["--edits", "live", "--headless"],
    environment: {
      PATH: `${join(installed.prefix, "bin")}:${nodeDirectory}:/usr/local/bin:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      [agent.variable]: key,
      ...way.environment,
    },
    before: outside.enter,
    patience,
  };
  const words = way.words.map((word) => (word === prompt ? generated.prompt : word));
  const { output, errors } = await stage.run([installed.program, ...words], running);
  return { ...readLog(await stage.log(running)), told: `${output}${errors}` };
}

interface Sealed {
  readonly content?: {
    readonly protocol?: string;
    readonly findings?: readonly { kind: string; label: string; role: string; path: string; bits?: number }[];
  };
}

function readLog(log: readonly Logged[]): Omit<Ordinary, "told"> {
  const passed = log.filter(
    ({ kind, verdict, counts }) =>
      kind === "request" && (verdict === "allow" || verdict === "redact") && (counts["spans"] ?? 0) > 0,
  );
  const contents = passed.map(({ sealed }) => (sealed as Sealed).content ?? {});
  return {
    passed: passed.length,
    protocols: [...new Set(contents.map(({ protocol = "none" }) => protocol))],
    counted: passed.reduce((sum, { counts }) => sum + (counts["findings-covert"] ?? 0), 0),
    findings: contents.flatMap(({ findings = [] }) =>
      findings
        .filter(({ kind }) => kind === "covert")
        .map(({ label, role, path, bits = 0 }) => ({ label, role, path: path.replaceAll(/\[\d+\]/g, "[]"), bits })),
    ),
  };
}
