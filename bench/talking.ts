// The load of a conversation: one connection, one request after the other, each with one turn more than the one before, in which the
// model said what it was heard to say; how long until the reply begins, and how old each of its words is when it comes. Copied beside the policy and run inside the boundary for Postern,
// outside for the others. Argument: one JSON object (`Talk`); `conversation.json` lies in the working directory.

import { readFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import { type Conversation, requestAfter } from "./corpus.ts";

export interface Talk {
  readonly host: string;
  readonly port: number;
  /** In TLS and in the Host header. */
  readonly name: string;
  /** File with the authority to trust, on top of the runtime's own. */
  readonly ca?: string;
  /** Turns of the first request; how many requests come before anything is counted, and then. */
  readonly turns: number;
  readonly warm: number;
  readonly requests: number;
}

/** Milliseconds, of all requests that count. */
export interface Talked {
  readonly answers: readonly number[];
  readonly words: readonly number[];
  /** Octets of the first body that counts, and of the last. */
  readonly octets: readonly number[];
}

const now = (): number => Number(process.hrtime.bigint() / 1_000n);

interface Reply {
  readonly answered: number;
  readonly words: readonly number[];
  readonly said: string;
  /** Of the call it ends in. */
  readonly call: string;
}

/** The turn after so many: what was heard, and what the tool then brings. */
function tell({ messages }: Conversation, turns: number, { said, call }: Reply): Conversation["messages"] {
  const at = 1 + turns * 2;
  const use = { type: "tool_use", id: call, name: "tool_0", input: { path: "src/said" } };
  const results = messages[at + 1]?.content.map((block) => ({ ...block, tool_use_id: call })) ?? [];
  const turn = [
    { role: "assistant", content: [{ type: "text", text: said }, use] },
    { role: "user", content: results },
  ];
  return [...messages.slice(0, at), ...turn, ...messages.slice(at + 2)];
}

function ask(socket: TLSSocket, request: Buffer): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const began = performance.now();
  let [answered, text, read] = [0, "", 0];
  const words: number[] = [];
  const take = (part: Buffer): void => {
    const at = now();
    answered ||= performance.now() - began;
    text += part.toString("latin1");
    for (const found of text.slice(read).matchAll(/word (\d+) "/g)) words.push((at - Number(found[1])) / 1_000);
    read = Math.max(read, text.lastIndexOf("\n"));
    if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text.slice(0, 300)));
    if (!text.endsWith("\r\n0\r\n\r\n")) return;
    socket.off("data", take);
    const said = [...text.matchAll(/"text":"(word \d+ )"/g)].map(([, word]) => word).join("");
    resolve({ answered, words, said, call: /"id":"(toolu_said_\d+)"/.exec(text)?.[1] ?? "" });
  };
  socket.on("data", take);
  socket.once("close", () => reject(new Error("the connection was closed")));
  socket.write(request);
  return promise;
}

async function main(): Promise<void> {
  const talk = JSON.parse(process.argv[2] ?? "") as Talk;
  let conversation = JSON.parse(readFileSync("conversation.json", "utf8")) as Conversation;
  const trust = talk.ca === undefined ? {} : { ca: readFileSync(talk.ca, "utf8") };
  const socket = connect({
    host: talk.host,
    port: talk.port,
    servername: talk.name,
    ALPNProtocols: ["http/1.1"],
    ...trust,
  });
  socket.setNoDelay(true);
  socket.setMaxListeners(0);
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  const [answers, words, octets]: [number[], number[], number[]] = [[], [], []];
  for (let nth = 0; nth < talk.warm + talk.requests; nth += 1) {
    const body = requestAfter(conversation, talk.turns + nth);
    const lines = [
      "POST /v1/messages HTTP/1.1",
      `Host: ${talk.name}`,
      `x-api-key: ${process.env["ANTHROPIC_API_KEY"] ?? "none"}`,
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
    ];
    const reply = await ask(socket, Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]));
    const messages = tell(conversation, talk.turns + nth, reply);
    conversation = { ...conversation, messages };
    if (nth < talk.warm) continue;
    answers.push(reply.answered);
    words.push(...reply.words);
    octets.push(body.length);
  }
  process.stdout.write(`${JSON.stringify({ answers, words, octets: [octets[0], octets.at(-1)] })}\n`);
  process.exit(0);
}

await main();
