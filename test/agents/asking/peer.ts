// The other end of an agent that speaks JSON-RPC over its standard input and output, a message a line, as editors do: asks, tells,
// and answers what the agent asks.

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: object;
  readonly result?: object;
  readonly error?: object;
}

export interface Peer {
  /** Rejects where the agent says that it cannot. */
  readonly ask: (method: string, params: object) => Promise<object>;
  readonly tell: (method: string, params: object) => void;
  /** Resolves when it says that. */
  readonly heard: (method: string) => Promise<void>;
}

/** `answer`: to each question of the agent's. */
export function openPeer({ stdin, stdout }: ChildProcess, answer: (method: string, params: object) => object): Peer {
  const waiting = new Map<number | string, PromiseWithResolvers<object>>();
  const told = new Map<string, PromiseWithResolvers<void>>();
  const hear = (method: string): PromiseWithResolvers<void> => {
    const one = told.get(method) ?? Promise.withResolvers<void>();
    told.set(method, one);
    return one;
  };
  const send = (message: Message): void => void stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const take = ({ id, method, params = {}, result, error }: Message): void => {
    const asked = waiting.get(id ?? "");
    if (method !== undefined && id !== undefined) send({ id, result: answer(method, params) });
    else if (method !== undefined) hear(method).resolve();
    else if (error === undefined) asked?.resolve(result ?? {});
    else asked?.reject(new Error(JSON.stringify(error)));
  };
  if (stdout !== null)
    createInterface({ input: stdout }).on("line", (line) => {
      if (line.startsWith("{")) take(JSON.parse(line) as Message);
    });
  let next = 0;
  return {
    ask: (method, params) => {
      next += 1;
      const asked = Promise.withResolvers<object>();
      waiting.set(next, asked);
      send({ id: next, method, params });
      return asked.promise;
    },
    tell: (method, params) => send({ method, params }),
    heard: (method) => hear(method).promise,
  };
}
