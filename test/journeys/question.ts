// A DNS question as bytes (RFC 1035 §4), for a raw client inside; and that client, as a program for the tool to run.

export const types = { A: 1, TXT: 16, AAAA: 28, HTTPS: 65, ANY: 255 } as const;

/** `labels` as they stand, so that forbidden ones can be asked for too. */
export function writeQuestion(labels: readonly string[], type: number): Buffer {
  const head = Buffer.from("beef01000001000000000000", "hex");
  const name = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
  return Buffer.concat([head, ...name, Buffer.from([0, type >> 8, type & 0xff, 0, 1])]);
}

/**
 * Node program. Arguments: JSON of `[[ip, port, hex, "udp" | "tcp"], …]`. Prints each answer in hex, a line each, or `none`
 * where the connection ended without one.
 */
export const client = `
const dgram = require("dgram"), net = require("net");
const udp = (ip, port, bytes) => new Promise((resolve) => {
  const socket = dgram.createSocket(ip.includes(":") ? "udp6" : "udp4");
  socket.on("message", (answer) => { socket.close(); resolve(answer.toString("hex")); });
  socket.on("error", (error) => resolve(error.code));
  socket.send(bytes, port, ip);
});
const tcp = (ip, port, bytes) => new Promise((resolve) => {
  const parts = [];
  const socket = net.connect(port, ip, () => socket.end(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])));
  socket.on("data", (part) => parts.push(part)).on("error", () => 0);
  socket.on("close", () => resolve(Buffer.concat(parts).subarray(2).toString("hex") || "none"));
});
(async () => {
  for (const [ip, port, hex, way] of JSON.parse(process.argv[2]))
    console.log(await (way === "tcp" ? tcp : udp)(ip, port, Buffer.from(hex, "hex")));
})();
`;
