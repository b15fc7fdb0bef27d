// Statements with named labels in, a classic BPF program (linux/filter.h: struct sock_filter, 8 bytes each, little
// endian) out. Conditional jumps reach 255 instructions; further ones are written as a short jump over a long one.
// Refuses unknown labels, jumps backwards and programs over the kernel's 4,096 instructions.

export type Statement =
  /** Accumulator = the 32-bit word at this offset of seccomp_data. */
  | { readonly kind: "load"; readonly offset: number }
  /** Accumulator &= value. */
  | { readonly kind: "and"; readonly value: number }
  /** Unsigned comparison; an absent label means the next statement. */
  | {
      readonly kind: "branch";
      readonly test: "equal" | "greater" | "any-bit";
      readonly value: number;
      readonly yes?: string;
      readonly no?: string;
    }
  | { readonly kind: "jump"; readonly to: string }
  | { readonly kind: "answer"; readonly value: number }
  | { readonly kind: "label"; readonly name: string };

const codes = { load: 0x20, and: 0x54, jump: 0x05, answer: 0x06 } as const;
const tests = { equal: 0x15, greater: 0x25, "any-bit": 0x45 } as const;
const reach = 255;
const longest = 4_096;

type Branch = Extract<Statement, { kind: "branch" }>;

export function assemble(statements: readonly Statement[]): Buffer {
  const far = settle(statements);
  const places = locate(statements, far);
  const words = statements.flatMap((statement, index) => encode(statement, places.starts[index] ?? 0, places, far));
  if (words.length > longest) throw new Error(`seccomp program of ${words.length} instructions`);
  return Buffer.concat(words);
}

interface Places {
  readonly starts: readonly number[];
  readonly labels: ReadonlyMap<string, number>;
}

function sizeOf(statement: Statement, far: ReadonlySet<Statement>): number {
  if (statement.kind === "label") return 0;
  if (statement.kind !== "branch" || !far.has(statement)) return 1;
  return 1 + (statement.yes === undefined ? 0 : 1) + (statement.no === undefined ? 0 : 1);
}

function locate(statements: readonly Statement[], far: ReadonlySet<Statement>): Places {
  const starts: number[] = [];
  const labels = new Map<string, number>();
  let at = 0;
  for (const statement of statements) {
    starts.push(at);
    if (statement.kind === "label") labels.set(statement.name, at);
    at += sizeOf(statement, far);
  }
  return { starts, labels };
}

/** Which branches must be long: making one long can push others out of reach, so until nothing changes. */
function settle(statements: readonly Statement[]): ReadonlySet<Statement> {
  const far = new Set<Statement>();
  for (;;) {
    const { starts, labels } = locate(statements, far);
    const before = far.size;
    for (const [index, statement] of statements.entries()) {
      if (statement.kind !== "branch") continue;
      const next = (starts[index] ?? 0) + 1;
      const targets = [statement.yes, statement.no].map((name) => distance(name, next, labels));
      if (targets.some((steps) => steps > reach)) far.add(statement);
    }
    if (far.size === before) return far;
  }
}

function distance(name: string | undefined, next: number, labels: ReadonlyMap<string, number>): number {
  if (name === undefined) return 0;
  const target = labels.get(name);
  if (target === undefined) throw new Error(`seccomp label ${name} is nowhere`);
  if (target < next) throw new Error(`seccomp jump backwards to ${name}`);
  return target - next;
}

function encode(statement: Statement, at: number, places: Places, far: ReadonlySet<Statement>): Buffer[] {
  switch (statement.kind) {
    case "label":
      return [];
    case "load":
      return [word(codes.load, 0, 0, statement.offset)];
    case "and":
      return [word(codes.and, 0, 0, statement.value)];
    case "answer":
      return [word(codes.answer, 0, 0, statement.value)];
    case "jump":
      return [word(codes.jump, 0, 0, distance(statement.to, at + 1, places.labels))];
    case "branch":
      return far.has(statement) ? encodeFar(statement, at, places) : [encodeNear(statement, at, places)];
  }
}

function encodeNear(branch: Branch, at: number, { labels }: Places): Buffer {
  const yes = distance(branch.yes, at + 1, labels);
  return word(tests[branch.test], yes, distance(branch.no, at + 1, labels), branch.value);
}

/** `if test goto A else goto B`, each goto a long jump of its own; an absent one falls out at the end. */
function encodeFar(branch: Branch, at: number, { labels }: Places): Buffer[] {
  const gotos = [branch.yes, branch.no].filter((name) => name !== undefined);
  const yes = branch.yes === undefined ? gotos.length : 0;
  const no = branch.no === undefined ? gotos.length : gotos.length - 1;
  const jumps = gotos.map((name, index) => word(codes.jump, 0, 0, distance(name, at + 2 + index, labels)));
  return [word(tests[branch.test], yes, no, branch.value), ...jumps];
}

function word(code: number, jt: number, jf: number, k: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jt, 2);
  bytes.writeUInt8(jf, 3);
  bytes.writeUInt32LE(k >>> 0, 4);
  return bytes;
}
