// What published clients do to a call by themselves before they carry it out and tell it again, beside white space and what says
// nothing: the same call in their words. Each was read in the client's package.

type Member = (text: string) => readonly string[];

/** Claude Code (2.1.328): a command leaves out that it goes where it is, and one backslash of two before a semicolon. */
const command: Member = (text) => {
  const plain = text.replaceAll("\\\\;", "\\;");
  return [plain, plain.replace(/^cd[^&|;]+&&/, ""), text.replace(/^cd[^&|;]+&&/, "")];
};

/** By the tool's name: a member of its arguments, as it may be written instead. */
const habits: Readonly<Record<string, readonly [member: string, others: Member]>> = { Bash: ["command", command] };

/** `made`: arguments in one way of writing (protocol/transcript/canonical.ts). */
export function othersOf(tool: string, made: string): readonly string[] {
  const habit = Object.hasOwn(habits, tool) ? habits[tool] : undefined;
  if (habit === undefined) return [];
  const [member, others] = habit;
  const text = stringIn(made, member);
  if (text === undefined) return [];
  const name = `${JSON.stringify(member)}:`;
  const written = name + JSON.stringify(text);
  const at = made.indexOf(written) + name.length;
  const [before, behind] = [made.slice(0, at), made.slice(at + written.length - name.length)];
  return others(text)
    .filter((other) => other !== text)
    .map((other) => before + JSON.stringify(other) + behind);
}

function stringIn(made: string, member: string): string | undefined {
  try {
    const read: unknown = JSON.parse(made);
    const value =
      typeof read === "object" && read !== null ? Object.entries(read).find(([name]) => name === member) : undefined;
    return typeof value?.[1] === "string" ? value[1] : undefined;
  } catch {
    return undefined;
  }
}
