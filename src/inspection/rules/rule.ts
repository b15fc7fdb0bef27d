// What a secret rule is, and what comes of one. Rules are data; the seeker (seek.ts) is the only one that runs them.

/** How much a hit says. `checked`: a checksum or an inner structure was verified; `format`: the shape its maker published; `generic`: a name beside it says so. */
export type Sure = "checked" | "format" | "generic";

/** One of ours: reviewed, run by V8, and of bounded width, so that one attempt costs a constant (shape.ts, own.test.ts). */
export interface Rule {
  readonly id: string;
  readonly provider: string;
  /** What is found, in a few words. */
  readonly what: string;
  /** JavaScript's syntax, no flags: matched at one place, never searched for. */
  readonly pattern: string;
  /** Lower-case; one of them stands in every match, at one of the places of `at`. Found without regard to case. */
  readonly keywords: readonly string[];
  /** UTF-16 units from the beginning of a match to its keyword. */
  readonly at: readonly number[];
  /** The group that is the secret: 0 is the whole match. */
  readonly group: number;
  /** Bits a character; at or below it is taken for a placeholder. */
  readonly entropy: number;
  /** The secret's checksum or inner structure; where it fails there is no hit, where it holds the hit is `checked`. */
  readonly check?: (secret: string) => boolean;
  /** What makes a hit `checked` where it holds, and of others says nothing: a checksum that is not in all of them. */
  readonly proof?: (secret: string) => boolean;
  /** What a secret of this kind looks like beyond its pattern; proves nothing. */
  readonly likely?: (secret: string) => boolean;
  /** Without a check. */
  readonly sure: "format" | "generic";
  /** A guess at what no rule knows: its hit is dropped where any other rule has spoken. */
  readonly guess?: true;
}

/** A rule of others: gitleaks' or a user's. Its pattern runs in a linear engine only (linear.ts). */
export interface ForeignRule {
  readonly id: string;
  readonly what: string;
  /** RE2's syntax. */
  readonly pattern: string;
  /** Lower-case; the pattern is tried near them alone; none: everywhere. */
  readonly keywords: readonly string[];
  /** The group that is the secret; undefined: the first that took part and is not empty, else all. */
  readonly group: number | undefined;
  /** 0: not looked at. */
  readonly entropy: number;
  /** What is let pass although it matched. */
  readonly allowed: (candidate: Candidate) => boolean;
  readonly sure: "format" | "generic";
}

export interface Candidate {
  readonly secret: string;
  readonly match: string;
  /** The lines the match stands in, cut at `lineReach` units to either side. */
  readonly line: () => string;
}

/** Never the secret itself. */
export interface Hit {
  readonly rule: string;
  /** Where the secret stands, in UTF-16 units: first, and behind the last. */
  readonly from: number;
  readonly to: number;
  readonly sure: Sure;
  /** No secret: a bound was met (limits.ts), and from here to the text's end this rule did not look. Whoever enforces refuses. */
  readonly unread?: true;
}

/** The rules of a session, ready: a text in, hits out in order of place. Pure; never throws; the text is attacker-controlled. */
export type SeekSecrets = (text: string) => readonly Hit[];
