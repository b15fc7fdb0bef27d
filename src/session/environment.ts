// The environment inside: a short list of what a terminal program needs. Nothing is inherited beyond it but what a profile names
// (settings.ts).

const kept = [
  "TERM",
  "COLORTERM",
  "TERM_PROGRAM",
  "LANG",
  "LANGUAGE",
  "TZ",
  "NO_COLOR",
  "FORCE_COLOR",
  "CLICOLOR",
  "CLICOLOR_FORCE",
  "CI",
];

export interface Environment {
  readonly caller: Readonly<Record<string, string | undefined>>;
  readonly name: string;
  readonly home: string;
  readonly shell: string;
  /** Directories of the tool's own programs, before the system's. */
  readonly searchPath: readonly string[];
  /** The person's own PATH as far as it is there inside; undefined where none of it is asked for. */
  readonly own?: readonly string[] | undefined;
  /** From the toolchains and the profile, then the authority's variables, then placeholders: later ones win. */
  readonly added: readonly Readonly<Record<string, string>>[];
}

const system = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/games", "/usr/games"];

export function composeEnvironment(from: Environment): Record<string, string> {
  const inside: Record<string, string> = {};
  for (const [name, value] of Object.entries(from.caller))
    if (value !== undefined && (kept.includes(name) || /^LC_[A-Z]+$/.test(name))) inside[name] = value;
  inside["TERM"] ??= "dumb";
  return Object.assign(
    inside,
    {
      HOME: from.home,
      USER: from.name,
      LOGNAME: from.name,
      SHELL: from.shell,
      PATH: [...new Set([...from.searchPath, ...(from.own ?? []), ...system])].join(":"),
      TMPDIR: "/tmp",
      POSTERN: "1",
    },
    ...from.added,
  );
}
