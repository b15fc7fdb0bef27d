// A review → what a person reads of it: names, hunks with their numbers, what lands only when named, what is in conflict.
// Names and contents are *attacker-controlled*: every character that could steer a terminal or an eye is spelled out, and
// nothing of a content is left out, for what is shown is what lands.

import type { Hunk } from "../review/landing/hunks.ts";
import type { ReferenceItem } from "../review/landing/reference-items.ts";
import type { FileItem, Item, Review } from "../review/landing/review.ts";
import { treeOf } from "../review/staged/record.ts";
import { paint } from "./speech.ts";
import { show, showLine, showWhole } from "./table.ts";

type Stream = NodeJS.WriteStream;

export function tellReview(review: Review, stream: Stream): string[] {
  const { copy, items, conflicts, told } = review;
  const plain = items.filter((item) => item.apart === undefined);
  const apart = items.filter((item) => item.apart !== undefined);
  return [
    `${paint.bold(`session ${copy.session}`, stream)} in ${show(copy.workspace, 1000)}`,
    paint.dim(`its copy: ${show(treeOf(copy), 1000)}`, stream),
    ...plain.flatMap((item) => tellItem(item, stream)),
    ...section(
      "apart: each lands only when it is named",
      apart.flatMap((item) => tellItem(item, stream)),
      stream,
    ),
    ...section(
      "these cannot land: mostly because the checkout changed in the same place",
      conflicts.map(({ id, why }) => `${showWhole(id)}  ${show(why, 1000)}`),
      stream,
    ),
    ...section(
      "left in the copy",
      told.map((text) => show(text, 1000)),
      stream,
    ),
    "",
    ...footer(review, plain.length > 0),
  ];
}

function section(title: string, lines: readonly string[], stream: Stream): string[] {
  return lines.length === 0 ? [] : ["", paint.bold(title, stream), ...lines];
}

function footer({ copy, items, conflicts, digest }: Review, any: boolean): string[] {
  if (items.length === 0) return conflicts.length === 0 ? ["nothing waits to land"] : [];
  const rest = conflicts.some(({ apart }) => apart === undefined) ? " --rest" : "";
  return [
    `shown as ${digest.slice(0, 16)}`,
    ...(any ? [`let it land:        postern review ${copy.session} --accept all${rest}`] : []),
    `or some of it:      postern review ${copy.session} --accept PATH PATH#1,3-4`,
    `throw it all away:  postern review ${copy.session} --discard`,
  ];
}

export function tellItem(item: Item, stream: Stream): string[] {
  const reason = item.apart === undefined ? "" : `  ${show(item.apart, 200)}`;
  const head = (what: string) => ["", `${paint.bold(showWhole(item.id), stream)}  ${what}${paint.red(reason, stream)}`];
  if (item.kind === "directory") return head(`empty directory ${item.change}`);
  if (item.kind === "reference") return [...head(tellMove(item)), ...tellCommits(item, stream)];
  return [...head(tellChange(item)), ...tellDifference(item, stream)];
}

function tellChange({ before, after, joined }: FileItem): string {
  const kinds = [before?.kind, after?.kind];
  const link = kinds.includes("symlink") ? " link" : "";
  const mode = before !== undefined && after !== undefined && before.mode !== after.mode && link === "";
  return [
    before === undefined ? `added${link}` : after === undefined ? `deleted${link}` : `changed${link}`,
    ...(mode ? [`mode ${octal(before.mode)} to ${octal(after.mode)}`] : []),
    ...(before === undefined && after?.kind === "file" && (after.mode & 0o111) !== 0 ? ["executable"] : []),
    ...(joined ? ["joined with what changed in the checkout"] : []),
  ].join(", ");
}

const octal = (mode: number): string => mode.toString(8).padStart(3, "0");

function tellDifference({ difference, before, after }: FileItem, stream: Stream): string[] {
  if (difference === undefined) return [];
  if (difference.kind === "binary")
    return [`  not text: ${before?.object ?? "nothing"} to ${after?.object ?? "nothing"}`];
  return difference.hunks.flatMap((hunk, at) => tellHunk(hunk, at, stream));
}

export function tellHunk({ start, count, newStart, newCount, lines }: Hunk, at: number, stream: Stream): string[] {
  const head = paint.cyan(`#${at + 1}  @@ -${start},${count} +${newStart},${newCount} @@`, stream);
  return [head, ...lines.map((line) => tellLine(line, stream))];
}

function tellLine(line: string, stream: Stream): string {
  const text = showLine(line);
  if (line.startsWith("+")) return paint.green(text, stream);
  return line.startsWith("-") ? paint.red(text, stream) : text;
}

function tellMove({ before, after, commits, dropped }: ReferenceItem): string {
  const short = (value: string | undefined) =>
    value === undefined
      ? "nothing"
      : show(
          value
            .replace(/^ref: /, "")
            .slice(0, 12)
            .replace(/^refs\/heads/, ""),
          60,
        );
  const what =
    before?.startsWith("ref: ") || after?.startsWith("ref: ")
      ? `${spelled(before)} to ${spelled(after)}`
      : `${short(before)} to ${short(after)}`;
  const brings =
    commits.length === 0 ? "" : `, brings ${commits.length} ${commits.length === 1 ? "commit" : "commits"}`;
  return `${what}${brings}${dropped > 0 ? `, drops ${dropped}` : ""}`;
}

const spelled = (value: string | undefined): string =>
  show((value ?? "nothing").replace(/^ref: refs\/heads\//, ""), 100);

/** A content that is shown with a file is not shown twice. */
function tellCommits({ commits, differences }: ReferenceItem, stream: Stream): string[] {
  return commits.flatMap(({ object, author, subject, changes }, number) => [
    `  ${object.slice(0, 12)}  ${show(subject, 1000)}  ${paint.dim(show(author, 100), stream)}`,
    ...changes.flatMap(({ path, modes }, at) => {
      const difference = differences[number]?.[at];
      const kinds = modes[0] === modes[1] ? "" : `  ${modes[0]} to ${modes[1]}`;
      if (difference === undefined) return [`    ${showWhole(path)}${kinds}`];
      const lines = difference.kind === "binary" ? ["not text"] : difference.hunks.flatMap(({ lines }) => lines);
      return [`    ${showWhole(path)}${kinds}`, ...lines.map((line) => `    ${tellLine(line, stream)}`)];
    }),
  ]);
}
