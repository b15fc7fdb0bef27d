// Dates as policies write them: a day in UTC, or a moment.

const dayForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}Z)?$/;

/** `2026-07-10` or `2026-07-10T12:00:00Z` → its first moment, or undefined. */
export function parseDay(text: string): Date | undefined {
  if (!dayForm.test(text)) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return undefined;
  return date.toISOString().startsWith(text.slice(0, 10)) ? date : undefined;
}

/** Is this `until` over? A bare day counts to its end. */
export function isPast(until: string | undefined, now: Date): boolean {
  if (until === undefined) return false;
  const day = parseDay(until);
  if (day === undefined) return true;
  return now.getTime() >= day.getTime() + (until.includes("T") ? 0 : 24 * 60 * 60 * 1000);
}
