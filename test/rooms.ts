// The door law: who may look into whom, and who may reach outside. Sources in, violations out, each with its reason.

export interface Source {
  /** From the repository's root, forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** room → the rooms it may import, and why no more. The table of ARCHITECTURE §2. */
export const rooms: Readonly<Record<string, { readonly sees: readonly string[]; readonly because: string }>> = {
  domain: { sees: [], because: "words come before walls" },
  policy: { sees: ["domain"], because: "rules are data" },
  boundary: { sees: ["domain"], because: "walls do not know who walks" },
  gateway: { sees: ["domain"], because: "it asks a judge it is given; it does not judge" },
  protocol: { sees: ["domain"], because: "bytes in, spans out, never a socket" },
  inspection: { sees: ["domain"], because: "a seeker sees content, not the judge" },
  decision: { sees: ["domain", "policy"], because: "a verdict depends on findings and rules, never on sockets" },
  ledger: { sees: ["domain"], because: "the record must be verifiable without the thing it records" },
  outbound: { sees: ["domain"], because: "one place to watch what we ourselves dial or start" },
  inventory: { sees: ["domain", "policy"], because: "which tools are here needs no session" },
  review: {
    sees: ["domain", "policy", "inspection", "decision", "ledger"],
    because: "it looks at what a session changed",
  },
  vendor: { sees: ["domain"], because: "the stand-in for a provider knows nothing of what guards against it" },
  session: {
    sees: [
      "domain",
      "policy",
      "boundary",
      "gateway",
      "protocol",
      "inspection",
      "decision",
      "ledger",
      "outbound",
      "inventory",
      "review",
    ],
    because: "the only place that joins",
  },
  proof: {
    sees: ["domain", "policy", "boundary", "decision", "ledger", "inventory", "review", "session"],
    because: "a proof is a session looked at from outside",
  },
  cli: { sees: ["*"], because: "the front door" },
};

/** An import of one of these modules, however it is written. */
function module(names: string): RegExp {
  return new RegExp(`(?:\\bfrom|\\bimport)\\s*\\(?\\s*["'](?:node:)?(?:${names})["']`);
}

function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join("|"));
}

/** Rooms that judge: beside the doors below, whatever else a runtime or a package may bring is closed to them. */
const judging: readonly string[] = ["domain", "protocol", "inspection", "decision"];
/** All they may import that is not ours. */
const pure: readonly string[] = [
  "node:buffer",
  "node:crypto",
  "node:stream",
  "node:util",
  // a linear engine for patterns that are not ours: text in, places out (docs/choices/0007)
  "re2js",
  // parsers of the text of users' and gitleaks' rules: text in, values out, nothing else
  "smol-toml",
  "yaml",
];

/** outside door → the rooms that may use it, and why. */
export const outside: readonly {
  readonly door: string;
  readonly finds: RegExp;
  readonly rooms: readonly string[];
  readonly because: string;
}[] = [
  {
    door: "the network (node:net, tls, http, https, http2, dgram, dns, fetch)",
    finds: either(
      module("net|tls|http|https|http2|dgram|dns|dns/promises|undici|ws"),
      /\bfetch\s*\(|\b(?:WebSocket|EventSource)\s*\(/,
    ),
    rooms: ["boundary", "gateway", "outbound", "vendor", "proof", "console", "fleet"],
    because: "the rooms that judge cannot speak to the network",
  },
  {
    door: "processes (node:child_process, cluster)",
    finds: module("child_process|cluster"),
    rooms: ["boundary", "outbound", "review", "session", "proof", "cli"],
    because: "whoever may start programs can do anything they can",
  },
  {
    door: "files (node:fs, sqlite)",
    finds: module("fs|fs/promises|sqlite"),
    rooms: [
      "policy",
      "boundary",
      "gateway",
      "ledger",
      "outbound",
      "inventory",
      "review",
      "vendor",
      "session",
      "proof",
      "cli",
    ],
    because: "words, parsers, seekers and the judge are pure",
  },
  {
    door: "the terminal and environment (process.env, exit, argv, std streams)",
    finds: either(
      module("process"),
      // also in brackets, or taken apart
      /\bprocess\.(?:env|exit|exitCode|argv|stdin|stdout|stderr|cwd|chdir)\b|\bprocess\s*\[|\{[^}]*\b(?:env|exit|argv|std\w+|cwd)\b[^}]*\}\s*=\s*process\b/,
    ),
    rooms: ["cli"],
    because: "what a person said comes in by one door",
  },
  {
    door: "code made at run time (eval, new Function, node:vm)",
    finds: either(module("vm"), /\beval\b|\bnew Function\b|\bFunction\s*\(/),
    rooms: [],
    because: "text never becomes code here",
  },
  {
    door: "machine code (WebAssembly)",
    finds: /\bWebAssembly\b/,
    rooms: [],
    because: "what runs is what stands in the sources",
  },
  {
    door: "native code (koffi)",
    finds: module("koffi"),
    rooms: ["boundary", "ledger", "session"],
    because: "foreign calls are kept where a wall or a lock needs them",
  },
];

/** Files that must use a door their room has not, each with the reason. It may only shrink. */
export const exceptions: Readonly<Record<string, { readonly door: RegExp; readonly because: string }>> = {
  "src/boundary/linux/helper.ts": {
    door: /^the terminal/,
    because: "a process of its own: its arguments and exit code are its only words",
  },
  "src/boundary/outer/relay.ts": {
    door: /^the terminal/,
    because:
      "a program for inside a container somebody else built, never run out here: its arguments and exit code are its only words",
  },
  "src/session/git-stand-in.ts": {
    door: /^the (?:network|terminal)/,
    because: "a program for inside, never run out here: there it has what any tool has",
  },
  "src/proof/trespasser.ts": {
    door: /^the terminal/,
    because: "a program for inside, never run out here: it tries what any tool could",
  },
  "src/proof/trespasser-calls.ts": {
    door: /^native code/,
    because: "the other half of that program",
  },
  "src/inspection/source/kernel.ts": {
    door: /^machine code/,
    because:
      "compiled of the sources in kernel/, as their test proves; it imports nothing, so it reaches its own memory alone",
  },
  "src/ledger/worker.ts": {
    door: /^the terminal/,
    because: "a thread of its own: when the book is closed it must end at once, whatever still holds it",
  },
};

/** Whatever is not a path. */
const foreignImport = /(?:\bfrom|\bimport)\s*\(?\s*["']([^."'][^"']*)["']/g;
const judgingBecause = "the rooms that judge are pure: what they may import is a list";
const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g;
/** Anything but `import("./literal.ts")`, which the law reads like any other import. */
/** A literal name is read by the laws above like any other import; whatever is computed cannot be. */
const computedImport =
  /\bimport\s*\((?!\s*"[^"]+"\s*\))|\brequire\s*\(|\bcreateRequire\b|\bgetBuiltinModule\b|\bprocess\.(?:binding|_linkedBinding|dlopen)\b/;
const banned = /(?:^|[-/])(?:util|utils|helpers|common|misc|manager|service|types)\.ts$/;

export interface Verdict {
  readonly violations: readonly string[];
  /** How many imports were read; 0 means the check itself is broken. */
  readonly imports: number;
}

export function inspectRooms(sources: readonly Source[]): Verdict {
  const violations: string[] = [];
  let imports = 0;
  for (const source of sources) {
    const room = source.path.split("/")[1] ?? "";
    const law = rooms[room];
    if (law === undefined) {
      violations.push(`${source.path} stands in no known room`);
      continue;
    }
    for (const [, target = ""] of source.text.matchAll(relativeImport)) {
      imports += 1;
      const other = resolveRoom(source.path, target);
      if (other !== room && !law.sees.includes("*") && !law.sees.includes(other))
        violations.push(`${source.path} looks into ${other}: ${law.because}`);
    }
    violations.push(...inspectOutside(source, room), ...inspectPure(source, room), ...inspectForm(source));
  }
  return { violations, imports };
}

function resolveRoom(path: string, target: string): string {
  const parts = path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts[0] === "src" ? (parts[1] ?? "") : `outside src (${target})`;
}

/** Without comment lines. */
function codeOf({ text }: Source): string {
  return text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
}

function inspectOutside(source: Source, room: string): string[] {
  const code = codeOf(source);
  return outside
    .filter((law) => law.finds.test(code) && !law.rooms.includes(room))
    .filter((law) => !exceptions[source.path]?.door.test(law.door))
    .map((law) => `${source.path} uses ${law.door}: ${law.because}`);
}

function inspectPure(source: Source, room: string): string[] {
  if (!judging.includes(room)) return [];
  return [...codeOf(source).matchAll(foreignImport)]
    .map(([, name = ""]) => name)
    .filter((name) => !pure.includes(name))
    .map((name) => `${source.path} imports ${name}: ${judgingBecause}`);
}

function inspectForm(source: Source): string[] {
  const found: string[] = [];
  if (computedImport.test(codeOf(source)))
    found.push(`${source.path} imports what cannot be read off: doors must be readable`);
  if (banned.test(source.path)) found.push(`${source.path} has a name that says nothing`);
  if (!/^(?:#!.*\n)?\/\/ \S/.test(source.text)) found.push(`${source.path} does not open by saying what it is for`);
  if (source.text.split("\n").length > 301) found.push(`${source.path} is longer than 300 lines`);
  return found;
}
