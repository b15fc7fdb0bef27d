// Octets of one connection of HTTP/2 → its socket: what is said in one turn of the loop goes out together.

import type { Duplex } from "node:stream";

/** False where the socket takes no more for now, or no more at all. */
export function writeTogether(socket: Duplex): (bytes: Buffer) => boolean {
  let corked = false;
  return (bytes) => {
    if (!socket.writable) return false;
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return socket.write(bytes);
  };
}
