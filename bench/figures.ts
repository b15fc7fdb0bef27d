// Numbers → what is reported of them. Medians throughout: a mean of timings is a story about the worst of them.

/** The value below which `part` (0…1) of the others lie; nearest rank. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Three significant digits; thousands without separator. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Of repeated measurements: the middle one, and between which they lay. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export const saySpread = ({ median: middle, least, most }: Spread): string =>
  `${digits(middle)} (${digits(least)}–${digits(most)})`;

/** In Markdown. */
export function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return `**${title}**\n\n${line(head)}${line(rule)}${rows.map(line).join("")}`;
}
