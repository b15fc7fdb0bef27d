// What the gateway's side and the program inside say to each other: a line of JSON each. What comes from inside is
// attacker-controlled, and parsed as such.

import { z } from "zod";

interface Place {
  readonly ip: string;
  readonly port: number;
}

export type Order =
  | { readonly kind: "look"; readonly command: string; readonly directory: string }
  | {
      readonly kind: "probe";
      readonly mark: string;
      readonly tcp: readonly Place[];
      readonly udp: readonly Place[];
      readonly names: readonly string[];
      readonly sockets: readonly string[];
    }
  | {
      readonly kind: "run";
      readonly command: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      readonly directory: string;
    }
  | { readonly kind: "signal"; readonly name: NodeJS.Signals };

const text = z.string().max(4_096);
const short = z.string().max(200);

const answer = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("here"),
    port: z.int().min(1).max(65_535),
    pid: z.int().min(1),
    home: text,
    path: text,
    node: short,
  }),
  z.strictObject({
    kind: z.literal("looked"),
    path: text.optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    directory: z.strictObject({ device: z.number(), inode: z.number() }).optional(),
  }),
  z.strictObject({
    kind: z.literal("probed"),
    answers: z.record(short, short),
    interfaces: z.array(short).max(64),
  }),
  z.strictObject({ kind: z.literal("ended"), code: z.int().min(0).max(255) }),
]);

export type Answer = z.infer<typeof answer>;

/** Undefined where it is none. */
export function parseAnswer(line: string): Answer | undefined {
  try {
    return answer.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
