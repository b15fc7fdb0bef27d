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
import { checkView, type Meant } from "../view/laid.ts";
import type { Calls } from "./calls.ts";
import { type Description, describe, interpreterOf } from "./description.ts";
import { type Digests, openDigests, readInterpreter } from "./digests.ts";
import { type Guard, openGuard } from "./guard.ts";
import type { Attention, Listener } from "./listener.ts";
import { type Notice, parseNotice, writeReply } from "./notice.ts";
import { errno } from "./place.ts";
import type { Processes } from "./processes.ts";
import { type About, type Eye, type OpenFile, openEye, type Sight, type Sighted } from "./sight.ts";
import { openWritings, type Writing } from "./writing.ts";

export interface Supervision {
  readonly questioned: readonly CommandPrefix[];
  readonly remembered: Iterable<readonly [string, Digest]>;
  readonly meant: readonly Meant[];
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
  readonly #processes: Processes;
  readonly #architecture: Architecture;
  readonly #given: Supervision;
  readonly #eye: Eye;
  readonly #digests: Digests;
  readonly #keeper: Guard;
  readonly #writing: (bytes: Buffer) => Writing | undefined;
  readonly #attention: Attention;
  /** Looked at, and their files' digests are not all known: each with what is done once they are. */
  readonly #unread: { readonly rest: Description["rest"]; readonly done: (execution: Execution) => void }[] = [];
  #over = false;
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
    this.#processes = processes;
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
    this.#over = true;
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
    if (this.#isQuestioned(sighted)) {
      this.#question(notice, sighted);
      return;
    }
    const { rest, drop } = this.#describe(sighted);
    if (!this.#reply(notice, 0)) drop();
    else this.#later(rest, (execution) => void this.#ready.push(execution));
  }

  #isQuestioned({ execution, file, about }: Sighted): boolean {
    const { questioned } = this.#given;
    if (questioned.length === 0) return false;
    const interpreters = file === undefined ? "lost" : this.#interpretersOf(file, about);
    if (interpreters === "lost") return true;
    return questioned.some((prefix) => beginsWith(prefix, { ...execution, interpreters }));
  }

  /** By their first lines alone: their content is read while nobody waits. */
  #interpretersOf(file: OpenFile, about: About): readonly Interpreter[] | "lost" {
    const interpreters: Interpreter[] = [];
    let script = (this.#digests.known(file, true) ?? { interpreter: readInterpreter(file.descriptor) }).interpreter;
    while (script !== undefined && interpreters.length < limits.interpreters) {
      const found = this.#eye.open(script, about);
      if (found === "lost") return found;
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
    // the last of them begins in the finished view
    const finished = this.#began === this.#given.prelude.length - 1;
    if (finished) checkView(this.#given.meant, this.#processes.of(notice.thread));
    this.#began += 1;
    this.#reply(notice, 0);
  }

  /** Its digest is part of the question: it waits for it, nobody else does. */
  #question(notice: Notice, sighted: Sighted): void {
    const key = keyOf(sighted);
    const before = this.#refused.get(notice.thread);
    const again = before?.key === key && performance.now() - before.at < limits.searchMs;
    if (again) {
      release(sighted);
      this.#reply(notice, errno.denied);
      return;
    }
    this.#later(this.#describe(sighted, true).rest, (execution) => {
      this.entered(1); // it has not begun, and whoever judges enters it
      if (this.#over) return;
      this.#tell(); // what began before is told before
      this.#questions += 1;
      this.#asked.set(this.#questions, { notice, key });
      this.#given.ask(this.#questions, execution);
    });
  }

  #reply(notice: Notice, code: number): boolean {
    return this.#listener.answer(writeReply(notice.id, code));
  }

  #remember(thread: number, key: string): void {
    this.#refused.set(thread, { key, at: performance.now() });
    for (const oldest of this.#refused.keys()) if (this.#refused.size > limits.numbers) this.#refused.delete(oldest);
  }

  #describe(sighted: Sighted, sure = false): Description {
    return describe({ eye: this.#eye, digests: this.#digests, sure }, sighted);
  }

  #later(rest: Description["rest"], done: (execution: Execution) => void): void {
    this.#outstanding += 1;
    this.#unread.push({ rest, done });
    this.#reading ??= setImmediate(() => this.#guard(() => this.#readOn()));
  }

  /** One piece of one file, or as many whole descriptions as need none. */
  #readOn(): void {
    this.#reading = undefined;
    for (let [next] = this.#unread; next !== undefined; [next] = this.#unread) {
      const step = next.rest.next();
      if (step.done !== true) break;
      this.#unread.shift();
      next.done(step.value);
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
}

function release({ file }: Sighted): void {
  if (file !== undefined) closeSync(file.descriptor);
}

/** The same attempt under another of the file's names, as execvp(3) makes it. */
function keyOf({ execution, file }: Sighted): string {
  return JSON.stringify([String(file?.stats.dev), String(file?.stats.ino), execution.directory, execution.arguments]);
}
