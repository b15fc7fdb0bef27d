// A place that takes what is sent to it and keeps it, and files whose every line is told from chance.

import { createHash } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";

export const host = "collector.example.net";
export const textOf = (name: string): string =>
  Array.from({ length: 20 }, (_, at) => {
    const own = createHash("sha256").update(`${name} ${at}`).digest("hex");
    return `let ${name}${at} = "${own.slice(0, 40)}";\n`;
  }).join("");

export async function openCollector() {
  const { ca, key, cert } = issueForLoopback([host]);
  const bodies: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      bodies.push(String(Buffer.concat(parts)));
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { ca, bodies, address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}
