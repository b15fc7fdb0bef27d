// Every bound of the secret rules, a sentence each. Units are UTF-16 units of the text.

/** A text gives no more hits than this of what says more than a guess, of guesses, and of others' rules, and then says which gave up where. */
export const maxHits = 1_000;
/** The widest match one of our own patterns may have: what an attempt at one keyword can cost. */
export const ownWidth = 20_000;
/** How often one rule of others may match in one text, kept or not, before the rest is given up and said to be. */
export const maxMatches = 1_000;
/** Fewer where a match can cost much: what all may cost together, in instructions times units read; but so many in any case. */
export const maxSteps = 500_000_000;
export const leastMatches = 200;
/** Without a bound of its own, a match of others' rules is sought no farther than this from its keyword. */
export const foreignReach = 8_192;
/** How far from its keyword a match is sought that need not contain it. */
export const apartReach = 4_096;
/** The most that others' pattern is given to read at once. */
export const pieceLength = 32_768;
/** How far to either side of a match its line is looked at. */
export const lineReach = 2_048;
/** Rules in one file of a user's. */
export const maxUserRules = 1_000;
/** Characters of a pattern, and instructions it may be compiled to: what one character of text can cost. */
export const maxPatternLength = 4_096;
export const maxProgramSize = 20_000;
/** Characters of a file of rules. */
export const maxFileLength = 4 << 20;
