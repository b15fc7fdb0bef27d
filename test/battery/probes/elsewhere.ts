// Techniques of the list that no probe tries, each with the reason. A test sees to it that every technique has the one or
// the other, and never both.

/** How many techniques the list has. */
export const techniques = 80;

export const elsewhere: Readonly<Record<number, string>> = {
  41: "no layer of the boundary is best effort: what cannot be built ends the run with 125 before the tool begins (src/boundary/linux/foundation.test.ts; here, launch-without-bwrap)",
  70: "a question waits for a person, whom no probe has: nothing inside can answer, or see that there are questions (test/journeys/watch.test.ts)",
  73: "there is no switch inside: what a tool calls its sandbox is within the boundary, and its own switches change nothing outside (test/agents/*, where they are all off)",
  75: "a session's policy does not change while it runs; `postern stop` ends every stream with the session (test/journeys/stop.test.ts)",
  79: "a tool can tell that it is inside, and that is no way out; whether it then behaves differently is for twins to show",
};
