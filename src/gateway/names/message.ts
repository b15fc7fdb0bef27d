// DNS messages, RFC 1035 §4: attacker-controlled bytes → one question, and a question → its answer. A name with a
// compression pointer, a label too long, 255 octets or more, or anything not exactly one question, is no question here.

export interface Question {
  readonly id: number;
  readonly recursion: boolean;
  /** As asked, case kept, without the last dot; bytes that are no printable ASCII, dots and backslashes escaped (`\ddd`). */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** The question as it stood on the wire, to be echoed. */
  readonly wire: Buffer;
  /** Set where the client speaks EDNS (RFC 6891). */
  readonly edns: { readonly version: number } | undefined;
}

export type Asked =
  | { readonly kind: "question"; readonly question: Question }
  /** Answer with this code; nothing in the message is to be believed but its id. */
  | { readonly kind: "fault"; readonly code: number; readonly id: number; readonly opcode: number }
  /** Not even a question: answering could make two servers talk for ever. */
  | { readonly kind: "silence" };

export const codes = { ok: 0, malformed: 1, failure: 2, absent: 3, unsupported: 4, badVersion: 16 } as const;
export const types = { a: 1, ptr: 12, aaaa: 28, opt: 41, any: 255 } as const;
export const internet = 1;

const headSize = 12;
/** RFC 1035 §2.3.4, the length octets and the root's included. */
const nameSize = 255;

/** One whole message. */
export function parseQuestion(bytes: Buffer): Asked {
  if (bytes.length < headSize) return { kind: "silence" };
  const id = bytes.readUInt16BE(0);
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return { kind: "silence" };
  const opcode = (flags >> 11) & 0xf;
  const fault = (code: number): Asked => ({ kind: "fault", code, id, opcode });
  if (opcode !== 0) return fault(codes.unsupported);
  const [questions, answers, authorities, additional] = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
  if (questions !== 1 || answers !== 0 || authorities !== 0) return fault(codes.malformed);
  const name = readName(bytes, headSize);
  if (name === undefined || name.end + 4 > bytes.length) return fault(codes.malformed);
  const edns = readAdditional(bytes, name.end + 4, additional ?? 0);
  if (edns === "malformed") return fault(codes.malformed);
  const question = {
    id,
    recursion: (flags & 0x0100) !== 0,
    name: name.text,
    type: bytes.readUInt16BE(name.end),
    class: bytes.readUInt16BE(name.end + 2),
    wire: bytes.subarray(headSize, name.end + 4),
    edns,
  };
  return { kind: "question", question };
}

function readName(bytes: Buffer, start: number): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  for (let at = start; at < bytes.length && at - start < nameSize; ) {
    const size = bytes[at] ?? 0;
    if (size === 0) return { text: labels.join("."), end: at + 1 };
    // 0xc0 is a pointer: into what? nothing stands before the question (RFC 1035 §4.1.4)
    if (size > 63 || at + 1 + size > bytes.length) return undefined;
    labels.push(bytes.toString("latin1", at + 1, at + 1 + size).replace(/[^\x21-\x7e]|[.\\]/g, escape));
    at += 1 + size;
  }
  return undefined;
}

const escape = (character: string): string => `\\${String(character.charCodeAt(0)).padStart(3, "0")}`;

/** At most a few records, root-named OPT among them read, others (TSIG, cookies) stepped over. */
function readAdditional(bytes: Buffer, start: number, count: number): Question["edns"] | "malformed" {
  let edns: Question["edns"];
  if (count > 4) return "malformed";
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const name = readName(bytes, at);
    if (name === undefined || name.end + 10 > bytes.length) return "malformed";
    const type = bytes.readUInt16BE(name.end);
    if (type === types.opt) {
      // a second OPT, or one with a name, is an error (RFC 6891 §6.1.1)
      if (edns !== undefined || name.text !== "") return "malformed";
      edns = { version: bytes[name.end + 5] ?? 0 };
    }
    at = name.end + 10 + bytes.readUInt16BE(name.end + 8);
    if (at > bytes.length) return "malformed";
  }
  return at === bytes.length ? edns : "malformed";
}

export interface Answer {
  readonly code: number;
  /** Record data of the question's own name and type. */
  readonly data: readonly Buffer[];
  /** Seconds. */
  readonly life: number;
}

/** Fits 512 bytes whatever the name: at most one record is ever given. */
export function writeAnswer(question: Question, answer: Answer): Buffer {
  const records = answer.data.map((data) => writeRecord(question, data, answer.life));
  const opt = question.edns === undefined ? [] : [writeOpt(answer.code)];
  const head = writeHead(question.id, answer.code & 0xf, { questions: 1, answers: records.length, extra: opt.length });
  if (question.recursion) head[2] = (head[2] ?? 0) | 0x01;
  return Buffer.concat([head, question.wire, ...records, ...opt]);
}

export function writeFault(fault: Extract<Asked, { kind: "fault" }>): Buffer {
  const head = writeHead(fault.id, fault.code, { questions: 0, answers: 0, extra: 0 });
  head[2] = (head[2] ?? 0) | (fault.opcode << 3);
  return head;
}

function writeHead(id: number, code: number, counts: { questions: number; answers: number; extra: number }): Buffer {
  const head = Buffer.alloc(headSize);
  head.writeUInt16BE(id, 0);
  // QR and RA: an answer, recursion is what the client believes it gets
  head.writeUInt16BE(0x8080 | code, 2);
  head.writeUInt16BE(counts.questions, 4);
  head.writeUInt16BE(counts.answers, 6);
  head.writeUInt16BE(counts.extra, 10);
  return head;
}

function writeRecord(question: Question, data: Buffer, life: number): Buffer {
  const head = Buffer.alloc(12);
  // the question's name, by pointer
  head.writeUInt16BE(0xc000 | headSize, 0);
  head.writeUInt16BE(question.type, 2);
  head.writeUInt16BE(question.class, 4);
  head.writeUInt32BE(life, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** RFC 6891 §6.1: our own size, version 0, the upper bits of the code. */
function writeOpt(code: number): Buffer {
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(types.opt, 1);
  opt.writeUInt16BE(1232, 3);
  opt[5] = code >> 4;
  return opt;
}
