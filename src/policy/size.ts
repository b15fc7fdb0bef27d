// Sizes as policies write them: `512MiB`, `2GiB`.

const form = /^([1-9]\d{0,3})(MiB|GiB)$/;

/** Bytes; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = form.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === "GiB" ? 2 ** 30 : 2 ** 20);
}

/** Of one that was read already. */
export function bytesOf(text: string): number {
  return parseSize(text) ?? 0;
}
