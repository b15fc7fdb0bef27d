// How the world outside fails where a test wants it to: targets that are never answered, that are answered in part, whose
// connection is reset before the first byte of a reply; a first label of names whose questions are not answered.

export const failing = {
  never: "/upstream-never-answers",
  partly: "/upstream-breaks-off",
  reset: "/upstream-resets",
  deaf: "deaf",
} as const;
