// Git's unified difference of two contents as hunks, and a content made of another and some of its hunks. Pure. Text is
// Latin-1, one character a byte, so that nothing is lost whatever the encoding; it is *attacker-controlled*.

export interface Hunk {
  /** From 1; a hunk that only adds stands after this line of the old content. */
  readonly start: number;
  /** Lines of the old content it replaces, context included. */
  readonly count: number;
  readonly newStart: number;
  readonly newCount: number;
  /** Each with its mark: space, `-`, `+`, or `\` for a last line without end. */
  readonly lines: readonly string[];
}

export type Difference =
  | { readonly kind: "hunks"; readonly hunks: readonly Hunk[] }
  /** Not lines of text, or too long for git to compare. */
  | { readonly kind: "binary" };

/** Output of `git diff-tree -p` between trees whose names are numbers → each number's difference. */
export function parseDifferences(output: string): ReadonlyMap<number, Difference> {
  const found = new Map<number, Difference>();
  let [number, hunks, binary]: [number, Hunk[], boolean] = [-1, [], false];
  const finish = () => {
    if (number >= 0) found.set(number, binary ? { kind: "binary" } : { kind: "hunks", hunks });
  };
  const lines = output.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const begun = /^diff --git a\/(\d+) b\/\d+$/.exec(line)?.[1];
    const hunk = begun === undefined ? parseHead(line) : undefined;
    if (begun !== undefined) {
      finish();
      [number, hunks, binary] = [Number(begun), [], false];
    } else if (hunk !== undefined) {
      const body = takeBody(lines, at + 1, hunk);
      hunks.push({ ...hunk, lines: body });
      at += body.length;
    } else if (line.startsWith("Binary files ")) binary = true;
  }
  finish();
  return found;
}

type Head = Omit<Hunk, "lines">;

function parseHead(line: string): Head | undefined {
  const [, start, count = "1", newStart, newCount = "1"] =
    /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
  if (start === undefined || newStart === undefined) return undefined;
  return { start: Number(start), count: Number(count), newStart: Number(newStart), newCount: Number(newCount) };
}

/** As many lines as the head counts, so that no line of content is taken for a head. */
function takeBody(lines: readonly string[], from: number, head: Head): readonly string[] {
  let [old, fresh] = [head.count, head.newCount];
  let at = from;
  for (; at < lines.length; at += 1) {
    const mark = lines[at]?.[0];
    if (mark === "\\") continue;
    if (old + fresh === 0) break;
    if (mark !== "+") old -= 1;
    if (mark !== "-") fresh -= 1;
  }
  return lines.slice(from, at);
}

/** The old content with these of its hunks, in any order; undefined where one does not fit it. */
export function applyHunks(content: string, hunks: readonly Hunk[]): string | undefined {
  const lines = content.split(/(?<=\n)/);
  if (content === "") lines.length = 0;
  for (const hunk of hunks.toSorted((left, right) => right.start - left.start)) {
    const at = hunk.count === 0 ? hunk.start : hunk.start - 1;
    const old = textOf(hunk.lines, "-");
    if (lines.slice(at, at + hunk.count).join("") !== old) return undefined;
    lines.splice(at, hunk.count, textOf(hunk.lines, "+"));
  }
  return lines.join("");
}

/** Context and the lines of one mark, each with its end but where it has none. */
function textOf(lines: readonly string[], wanted: "-" | "+"): string {
  let text = "";
  for (const [at, line] of lines.entries()) {
    const mark = line[0];
    if (mark !== " " && mark !== wanted) continue;
    text += line.slice(1) + (lines[at + 1]?.startsWith("\\") === true ? "" : "\n");
  }
  return text;
}

/** The same hunks the other way round, for taking some of them back. */
export function reversed(hunks: readonly Hunk[]): readonly Hunk[] {
  const turn = (line: string) =>
    line.startsWith("+") ? `-${line.slice(1)}` : line.startsWith("-") ? `+${line.slice(1)}` : line;
  return hunks.map(({ start, count, newStart, newCount, lines }) => ({
    start: newStart,
    count: newCount,
    newStart: start,
    newCount: count,
    lines: lines.map(turn),
  }));
}
