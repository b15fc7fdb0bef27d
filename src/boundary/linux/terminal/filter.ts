// What the tool writes in, what may reach the caller's terminal out. *Attacker-controlled* throughout. Bounded state,
// any chunking: control sequences that reprogram the terminal, read it back or reach the host through it are dropped
// (`sequences.ts`), everything else passes. Bytes are read as UTF-8, what is not UTF-8 becomes U+FFFD, and C1 controls
// are written in their 7-bit form, so that no two pieces can join into a sequence. Terminals of other encodings: not.

import { limits } from "../limits.ts";
import { judgeCsi, judgeEscape, judgeString, type StringKind } from "./sequences.ts";

export interface Filter {
  readonly feed: (chunk: Uint8Array) => string;
  /** The terminal is about to be somebody else's: ends a string that stands open there; what is still to come of it is dropped. */
  readonly cut: () => string;
  /** What is left at the end. */
  readonly finish: () => string;
}

type State =
  | { readonly kind: "ground" }
  | { readonly kind: "escape"; readonly rest: string }
  | { readonly kind: "csi"; readonly rest: string }
  /** `passing`: undefined while undecided. */
  | {
      readonly kind: "string";
      readonly type: StringKind;
      readonly head: string;
      readonly passing: boolean | undefined;
      /** Its line ends are text of a picture. */
      readonly lines?: boolean;
      /** It asks for colours so far; to be told of once it sets one. */
      readonly colours?: string | undefined;
    };

interface Sink {
  readonly write: (text: string) => void;
  readonly heed: (sequence: string) => void;
}

const ground: State = { kind: "ground" };
const isStringKind = (char: string): char is StringKind => "]P_^Xk".includes(char);
const isC0 = (char: string): boolean => char < " ";
const isC1 = (char: string): boolean => char >= "\x80" && char <= "\x9f";

/** `heed` is told of every sequence that passes, without its ESC (`[1;5r`, `(0`), and of shifts out; of strings only which colours they set (`]11`). */
export function openFilter(heed: (sequence: string) => void = () => undefined): Filter {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let state: State = ground;
  const run = (text: string): string => {
    let out = "";
    const sink: Sink = { write: (part) => (out += part), heed };
    for (let at = 0; at < text.length; ) {
      const plain = flowOf(state) ? /^[^\x00-\x1f\x7f-\x9f]+/.exec(text.slice(at, at + 4_096))?.[0] : undefined;
      if (plain === undefined) state = step(state, text.charAt(at), sink);
      else if (flowOf(state) === "shown") {
        out += plain;
        state = noteColours(state, plain, sink);
      }
      at += plain?.length ?? 1;
    }
    return out;
  };
  const cut = (): string => {
    if (state.kind !== "string" || state.passing !== true) return "";
    state = { ...state, passing: false };
    return "\x1b\\";
  };
  return {
    feed: (chunk) => run(decoder.decode(chunk, { stream: true })),
    cut,
    finish: () => run(decoder.decode()) + cut(),
  };
}

/** What becomes of characters that are no controls; undefined where each has to be looked at. */
function flowOf(state: State): "shown" | "dropped" | undefined {
  if (state.kind === "ground") return "shown";
  if (state.kind !== "string" || state.passing === undefined) return undefined;
  return state.passing ? "shown" : "dropped";
}

/** A question for colours is digits and question marks; every way to write a colour has something else in it. */
function noteColours(state: State, text: string, { heed }: Sink): State {
  if (state.kind !== "string" || state.colours === undefined || /^[\d;?]*$/.test(text)) return state;
  heed(state.colours);
  return { ...state, colours: undefined };
}

function step(state: State, char: string, sink: Sink): State {
  const cancels = char === "\x18" || char === "\x1a";
  if (state.kind === "string") return inString(state, char, sink);
  if (char === "\x1b") return { kind: "escape", rest: "" };
  if (isC1(char)) return enter(String.fromCharCode(char.charCodeAt(0) - 0x40), sink);
  if (cancels) return ground;
  // ENQ would make the terminal type its answerback; the others work in the middle of a sequence as anywhere
  if (isC0(char) && char !== "\x05") sink.write(char);
  if (char === "\x0e") sink.heed(char);
  if (isC0(char)) return state;
  if (state.kind === "ground") return inGround(char, sink);
  if (char >= "\x7f") return char === "\x7f" ? state : inGround(char, sink);
  return state.kind === "escape" ? inEscape(state.rest + char, sink) : inCsi(state.rest + char, sink);
}

function inGround(char: string, sink: Sink): State {
  sink.write(char);
  return ground;
}

/** The character after ESC. */
function enter(char: string, sink: Sink): State {
  if (char === "[") return { kind: "csi", rest: "" };
  if (isStringKind(char)) return { kind: "string", type: char, head: "", passing: undefined };
  if (judgeEscape(char)) pass(char, sink);
  return ground;
}

function pass(sequence: string, sink: Sink): void {
  sink.write(`\x1b${sequence}`);
  sink.heed(sequence);
}

function inEscape(rest: string, sink: Sink): State {
  const final = rest.charAt(rest.length - 1);
  if (final < "0") return rest.length > 4 ? ground : { kind: "escape", rest };
  if (rest.length === 1) return enter(rest, sink);
  if (judgeEscape(rest)) pass(rest, sink);
  return ground;
}

function inCsi(rest: string, sink: Sink): State {
  // too long: swallowed to its end as a string that does not pass
  if (rest.length > limits.csi) return { kind: "string", type: "X", head: "", passing: false };
  if (rest.charAt(rest.length - 1) < "@") return { kind: "csi", rest };
  if (judgeCsi(rest)) pass(`[${rest}`, sink);
  return ground;
}

/** DECSIXEL's introduction: parameters and a q. A request for settings (`$q`, `+q`) is echoed by some terminals, and a line of it would type. */
const sixel = /^[\d;]*q/;

function inString(state: Extract<State, { kind: "string" }>, char: string, sink: Sink): State {
  const ends = char === "\x1b" || char === "\x18" || char === "\x1a" || isC1(char);
  if (ends || (char === "\x07" && state.type === "]")) return endString(state, char, sink);
  // controls inside: some terminals end the string there, others do not; the lines of a sixel picture are text to either
  if (isC0(char) || char === "\x7f") {
    if (state.lines === true && state.passing === true && (char === "\n" || char === "\r")) sink.write(char);
    return state;
  }
  if (state.passing !== undefined) {
    if (state.passing) sink.write(char);
    return state;
  }
  const head = state.head + char;
  const verdict = judgeString(state.type, head, false);
  if (verdict === undefined && head.length < limits.sequenceHead) return { ...state, head };
  if (verdict === true) sink.write(`\x1b${state.type}${head}`);
  const colours = state.type === "]" ? /^(?:[45]|1\d|21)(?=;)/.exec(head)?.[0] : undefined;
  const lines = state.type === "P" && sixel.test(head);
  return { ...state, head: "", passing: verdict ?? false, lines, colours: colours && `]${colours}` };
}

function endString(state: Extract<State, { kind: "string" }>, char: string, sink: Sink): State {
  const whole = state.passing === undefined && judgeString(state.type, state.head, true) === true;
  if (whole) sink.write(`\x1b${state.type}${state.head}`);
  if (whole || state.passing === true) sink.write(char === "\x07" ? char : "\x1b\\");
  if (char === "\x1b") return { kind: "escape", rest: "" };
  return isC1(char) && char !== "\x9c" ? enter(String.fromCharCode(char.charCodeAt(0) - 0x40), sink) : ground;
}
