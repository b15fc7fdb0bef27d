// How deep a value read from JSON goes. The runtime reads any depth; to write it again takes the stack, and throws.

/** Looks no deeper than it asks. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
