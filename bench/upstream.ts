// The vendor's place in a benchmark, where nginx cannot be had: reads whole requests off raw TLS and answers each with the
// same small reply. Argument: one JSON object with port, cert and key (files).

import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

const { port, cert, key } = JSON.parse(process.argv[2] ?? "") as { port: number; cert: string; key: string };
const reply = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}');

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ["http/1.1"] });
server.on("secureConnection", (socket) => {
  let held: Buffer = Buffer.alloc(0);
  let left = 0;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    while (held.length > 0) {
      if (left === 0) {
        const end = held.indexOf("\r\n\r\n");
        if (end < 0) return;
        left = end + 4 + Number(/\r\ncontent-length: *([0-9]+)/i.exec(held.toString("latin1", 0, end))?.[1] ?? 0);
      }
      const taken = Math.min(left, held.length);
      held = held.subarray(taken);
      left -= taken;
      if (left === 0) socket.write(reply);
    }
  });
});
server.listen(port, "127.0.0.1");
