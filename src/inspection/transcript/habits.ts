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
  const place = new RegExp(`(?<=[{,]${JSON.stringify(member)}:)"(?:[^"\\\\]|\\\\.)*"`);
  const [written] = place.exec(made) ?? [];
  if (written === undefined) return [];
  const text = JSON.parse(written) as string;
  return others(text)
    .filter((other) => other !== text)
    .map((other) => made.replace(place, () => JSON.stringify(other)));
}
