// The watch: every program that is about to begin inside waits here for as long as it takes to look at it. In: the
// listener, what is questioned, answers. Out: each one told, in order. What does not begin with a questioned prefix begins
// at once; of the others somebody else decides, and nobody waits for a person. Any failure here must end this process, and
// with it everything inside.

import { closeSync } from "node:fs";
import type { Attempt } from "../../../domain/attempt.ts";
import type { Digest } from "../../../domain/brand.ts";
import { beginsWith, type CommandPrefix, type Execution, type Interpreter } from "../../../domain/execution.ts";
import { limits } from "../limits.ts";
import type { Architecture } from "../seccomp/numbers.ts";
import type { Calls } from "./calls.ts";
import { type Content, type Digests, openDigests, readInterpreter } from "./digests.ts";
import { type Guard, openGuard } from "./guard.ts";
import type { Attention, Listener } from "./listener.ts";
import { type Notice, parseNotice, writeReply } from "./notice.ts";
import { errno } from "./place.ts";
import type { Processes } from "./processes.ts";
import { type Eye, type OpenFile, openEye, type Sight, type Sighted } from "./sight.ts";
import { openWritings, type Writing } from "./writing.ts";

export interface Supervision {
  readonly questioned: readonly CommandPrefix[];
  readonly remembered: Iterable<readonly [string, Digest]>;
  /** Programs of the boundary's own, in the order in which they start before the tool's first. */
  readonly prelude: readonly string[];
  readonly tell: (executions: readonly Execution[]) => void;
  readonly ask: (id: number, execution: Execution) => void;
  /** Trees in which what is unwritable is held; none: nothing but starts of programs waits. */
  readonly guarded: readonly string[];
  readonly attempt: (attempt: Attempt) => void;
  /** `begun`: the tool already runs. */
  readonly fail: (why: string, begun: boolean) => void;
}

export interface Supervisor {
  /** So many told ones are on the record. */
  readonly entered: (count: number) => void;
  readonly answer: (id: number, allow: boolean) => void;
  /** Nothing begins any more: tells the rest; the digests worth keeping, and attempts at held files that were not told. */
  readonly finish: () => { readonly digests: readonly (readonly [string, Digest])[]; readonly attempts: number };
}

interface Told {
  readonly sighted: Sighted;
  readonly work: Generator<void, Execution>;
}

/** What it sees by. */
export interface Sources {
  readonly listener: Listener;
  readonly calls: Calls;
  readonly processes: Processes;
  readonly architecture: Architecture;
}

export function supervise(sources: Sources, supervision: Supervision): Supervisor {
  return new Watching(sources, supervision);
}

class Watching implements Supervisor {
  readonly #listener: Listener;
  readonly #architecture: Architecture;
  readonly #given: Supervision;
  readonly #eye: Eye;
  readonly #digests: Digests;
  readonly #keeper: Guard;
  readonly #writing: (bytes: Buffer) => Writing | undefined;
  readonly #attention: Attention;
  /** Began, and their files' digests are not all known. */
  readonly #unread: Told[] = [];
  readonly #asked = new Map<number, { readonly notice: Notice; readonly key: string }>();
  readonly #refused = new Map<number, { readonly key: string; readonly at: number }>();
  #ready: Execution[] = [];
  #began = 0;
  #questions = 0;
  /** Told or to be told, and not entered. */
  #outstanding = 0;
  #full = false;
  #telling: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;

  constructor({ listener, calls, processes, architecture }: Sources, supervision: Supervision) {
    this.#listener = listener;
    this.#architecture = architecture;
    this.#given = supervision;
    this.#eye = openEye(calls, processes);
    this.#keeper = openGuard(calls, this.#eye, { roots: supervision.guarded, tell: supervision.attempt });
    this.#writing = openWritings(architecture);
    this.#digests = openDigests(supervision.remembered);
    this.#attention = listener.onWaiting(() => this.#guard(() => this.#attend()));
  }

  entered(count: number): void {
    this.#outstanding -= count;
    if (!this.#full || this.#outstanding >= limits.told) return;
    this.#full = false;
    this.#attention.resume();
  }

  answer(id: number, allow: boolean): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    if (!allow) this.#remember(asked.notice.thread, asked.key);
    this.#reply(asked.notice, allow ? 0 : errno.denied);
  }

  finish(): ReturnType<Supervisor["finish"]> {
    clearImmediate(this.#reading);
    this.#guard(() => {
      while (this.#unread.length > 0) this.#readOn();
      this.#tell();
    });
    return { digests: this.#digests.learnt(), attempts: this.#keeper.more() };
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      const begun = this.#began >= this.#given.prelude.length;
      this.#given.fail(error instanceof Error ? error.message : String(error), begun);
    }
  }

  #attend(): void {
    // taken over first: whoever was heard waits on whatever signals come, whoever was not is interrupted by them
    const heard: Buffer[] = [];
    do {
      const bytes = this.#listener.receive();
      if (bytes !== undefined) heard.push(bytes);
    } while (heard.length < limits.noticesAtOnce && this.#listener.waiting());
    // what still waits brings us back at once, after everything else that this process has to hear
    for (const bytes of heard) this.#receive(bytes);
    this.#full = this.#outstanding >= limits.told;
    if (this.#full) this.#attention.pause();
  }

  #receive(bytes: Buffer): void {
    const writing = this.#writing(bytes);
    if (writing === undefined) this.#take(parseNotice(bytes, this.#architecture), () => this.#listener.valid(bytes));
    else {
      // until the tool begins it is the boundary's own programs, which build what is held
      if (this.#began >= this.#given.prelude.length) this.#keeper.look(writing);
      this.#listener.answer(writeReply(writing.id, 0));
    }
  }

  #take(notice: Notice, stillThere: () => boolean): void {
    if (this.#began < this.#given.prelude.length) this.#takeOwn(notice);
    else if (notice.trying) this.#reply(notice, 0);
    else this.#settle(notice, this.#eye.look(notice, stillThere));
  }

  #settle(notice: Notice, sight: Sight): void {
    if (sight.kind === "fails") this.#reply(notice, sight.errno);
    if (sight.kind !== "begins") return;
    const { sighted } = sight;
    if (this.#isQuestioned(sighted)) this.#question(notice, sighted);
    else if (this.#reply(notice, 0)) this.#later(sighted);
    else release(sighted);
  }

  #isQuestioned({ execution, file }: Sighted): boolean {
    const { questioned } = this.#given;
    if (questioned.length === 0) return false;
    const interpreters = file === undefined ? [] : this.#interpretersOf(file, execution.directory);
    return questioned.some((prefix) => beginsWith(prefix, { ...execution, interpreters }));
  }

  /** By their first lines alone: their content is read while nobody waits. */
  #interpretersOf(file: OpenFile, directory: string): readonly Interpreter[] {
    const interpreters: Interpreter[] = [];
    let script = (this.#digests.known(file.stats) ?? { interpreter: readInterpreter(file.descriptor) }).interpreter;
    while (script !== undefined && interpreters.length < limits.interpreters) {
      const found = this.#eye.open(script, directory);
      interpreters.push(interpreterOf(script, found?.path, undefined));
      script = found === undefined ? undefined : readInterpreter(found.descriptor);
      if (found !== undefined) closeSync(found.descriptor);
    }
    return interpreters;
  }

  /** Nothing of the tool's has run yet; what is read here also proves that others' memory can be read at all. */
  #takeOwn(notice: Notice): void {
    const expected = this.#given.prelude[this.#began];
    const path = this.#eye.pathOf(notice);
    if (path !== expected) throw new Error(`${expected} was to begin, and ${path ?? "something unreadable"} did`);
    this.#began += 1;
    this.#reply(notice, 0);
  }

  /** Its digest is part of the question: whoever it is, it waits for it. */
  #question(notice: Notice, sighted: Sighted): void {
    const key = keyOf(sighted);
    const before = this.#refused.get(notice.thread);
    const again = before?.key === key && performance.now() - before.at < limits.searchMs;
    if (again) {
      release(sighted);
      this.#reply(notice, errno.denied);
      return;
    }
    const work = this.#describe(sighted);
    let step = work.next();
    while (step.done !== true) step = work.next();
    this.#tell(); // what began before is told before
    this.#questions += 1;
    this.#asked.set(this.#questions, { notice, key });
    this.#given.ask(this.#questions, step.value);
  }

  #reply(notice: Notice, code: number): boolean {
    return this.#listener.answer(writeReply(notice.id, code));
  }

  #remember(thread: number, key: string): void {
    this.#refused.set(thread, { key, at: performance.now() });
    for (const oldest of this.#refused.keys()) if (this.#refused.size > limits.numbers) this.#refused.delete(oldest);
  }

  #later(sighted: Sighted): void {
    this.#outstanding += 1;
    this.#unread.push({ sighted, work: this.#describe(sighted) });
    this.#reading ??= setImmediate(() => this.#guard(() => this.#readOn()));
  }

  /** One piece of one file, or as many whole descriptions as need none. */
  #readOn(): void {
    this.#reading = undefined;
    for (let [next] = this.#unread; next !== undefined; [next] = this.#unread) {
      const step = next.work.next();
      if (step.done !== true) break;
      this.#unread.shift();
      this.#ready.push(step.value);
    }
    if (this.#unread.length > 0) this.#reading ??= setImmediate(() => this.#guard(() => this.#readOn()));
    if (this.#ready.length > 0) this.#telling ??= setTimeout(() => this.#guard(() => this.#tell()), limits.tellMs);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const ready = this.#ready;
    this.#ready = [];
    if (ready.length > 0) this.#given.tell(ready);
  }

  *#describe({ execution, file }: Sighted): Generator<void, Execution> {
    if (file === undefined) return { ...execution, sha256: undefined, interpreters: [] };
    const content = yield* this.#contentOf(file);
    const interpreters: Interpreter[] = [];
    let script = content.interpreter;
    while (script !== undefined && interpreters.length < limits.interpreters) {
      const found = this.#eye.open(script, execution.directory);
      if (found === undefined) {
        interpreters.push(interpreterOf(script, undefined, undefined));
        break;
      }
      const { sha256, interpreter } = yield* this.#contentOf(found);
      interpreters.push(interpreterOf(script, found.path, sha256));
      script = interpreter;
    }
    return { ...execution, sha256: content.sha256, interpreters };
  }

  *#contentOf({ descriptor, stats }: NonNullable<Sighted["file"]>): Generator<void, Content> {
    try {
      return this.#digests.known(stats) ?? (yield* this.#digests.compute(descriptor, stats));
    } finally {
      closeSync(descriptor);
    }
  }
}

function interpreterOf(named: string, path: string | undefined, sha256: Digest | undefined): Interpreter {
  const executable = path ?? named;
  return executable === named ? { executable, sha256 } : { executable, named, sha256 };
}

function release({ file }: Sighted): void {
  if (file !== undefined) closeSync(file.descriptor);
}

/** The same attempt under another of the file's names, as execvp(3) makes it. */
function keyOf({ execution, file }: Sighted): string {
  return JSON.stringify([String(file?.stats.dev), String(file?.stats.ino), execution.directory, execution.arguments]);
}
