// When a cross-check of a schema runs: beside the other checks, on anything that is an object at all.

export const onObjects = { when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null };
