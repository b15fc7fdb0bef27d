// What is about to begin → what is said of it: the file's digest and, of a script, its interpreters with theirs. What is
// small is hashed while whoever begins it waits, so that the digest is of what begins and not of what it makes of itself;
// what is large afterwards, and has no digest where it may have changed since. Enters: open files, *attacker-controlled*.

import { closeSync } from "node:fs";
import type { Digest } from "../../../domain/brand.ts";
import type { Execution, Interpreter } from "../../../domain/execution.ts";
import { limits } from "../limits.ts";
import { type Content, type Digests, readInterpreter } from "./digests.ts";
import { shown } from "./names.ts";
import type { Eye, OpenFile, Sighted } from "./sight.ts";

export interface Description {
  /** Large files piece by piece. */
  readonly rest: Generator<void, Execution>;
  /** It does not begin. */
  readonly drop: () => void;
}

interface Read {
  /** Undefined: still to be read, and held open. */
  readonly content: Content | undefined;
  readonly interpreter: string | undefined;
  readonly file: OpenFile;
  readonly since: number;
}

interface Link {
  readonly lost: boolean;
  readonly named: string;
  readonly path: string | undefined;
  readonly read: Read | undefined;
}

interface Means {
  readonly eye: Pick<Eye, "open">;
  readonly digests: Digests;
  readonly sure: boolean;
}

/** The file is taken over. `sure`: an answer is to be bound to it, and nothing remembered counts that may have changed. */
export function describe({ eye, digests, sure }: Means, { execution, file, about }: Sighted): Description {
  const itself = file && readFile(digests, file, sure);
  const chain: Link[] = [];
  let script = itself?.interpreter;
  while (script !== undefined && chain.length < limits.interpreters) {
    const opened = eye.open(script, about);
    const found = opened === "lost" ? undefined : opened;
    const read = found && readFile(digests, found, sure);
    const link: Link = { lost: opened === "lost", named: script, path: found?.path, read };
    chain.push(link);
    script = link.read?.interpreter;
  }
  const held = [itself, ...chain.map((link) => link.read)].filter((each) => each !== undefined);
  return {
    rest: finish({ execution, itself, chain, sure }, digests),
    drop: () => {
      for (const { content, file } of held) if (content === undefined) letGo(file, digests);
    },
  };
}

function readFile(digests: Digests, file: OpenFile, sure: boolean): Read {
  const since = Date.now();
  const { descriptor, stats } = file;
  let content = digests.known(file, sure);
  const large = content === undefined && stats.size > limits.hashedFirst;
  if (large && digests.claim(stats)) return { content, interpreter: readInterpreter(descriptor), file, since };
  try {
    if (large) content = { sha256: undefined, interpreter: readInterpreter(descriptor) };
    content ??= drain(digests.compute(file, since));
    return { content, interpreter: content.interpreter, file, since };
  } finally {
    closeSync(descriptor);
  }
}

function drain<Value>(work: Generator<void, Value>): Value {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

interface Begun {
  readonly execution: Sighted["execution"];
  readonly itself: Read | undefined;
  readonly chain: readonly Link[];
  readonly sure: boolean;
}

function* finish({ execution, itself, chain, sure }: Begun, digests: Digests): Generator<void, Execution> {
  const sha256 = yield* digestOf(itself, digests, sure);
  const interpreters: Interpreter[] = [];
  for (const { named, path, read } of chain)
    interpreters.push(interpreterOf(named, path, yield* digestOf(read, digests, sure)));
  const lost = chain.some((link) => link.lost) ? ({ lost: true } as const) : {};
  return { ...execution, ...lost, sha256, interpreters };
}

function* digestOf(read: Read | undefined, digests: Digests, sure: boolean): Generator<void, Digest | undefined> {
  if (read === undefined || read.content !== undefined) return read?.content?.sha256;
  const { file, since } = read;
  try {
    // somebody else may have begun the same meanwhile
    return (digests.known(file, sure) ?? (yield* digests.compute(file, since))).sha256;
  } finally {
    letGo(file, digests);
  }
}

/** What was claimed, and held open. */
function letGo({ descriptor, stats }: OpenFile, digests: Digests): void {
  digests.release(stats);
  closeSync(descriptor);
}

export function interpreterOf(named: string, path: string | undefined, sha256: Digest | undefined): Interpreter {
  const executable = shown(path ?? named);
  return path === undefined || path === named ? { executable, sha256 } : { executable, named: shown(named), sha256 };
}
