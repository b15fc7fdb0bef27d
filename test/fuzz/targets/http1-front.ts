// HTTP/1.1 as it comes from inside, through the whole gate.

import refused from "../../../vectors/gateway/requests.json" with { type: "json" };
import { cases } from "../differential/cases.ts";
import { hosts } from "../stage.ts";
import { latin1, type Target } from "../target.ts";
import { frontTarget } from "./front.ts";

/** What other doors are for: TLS, and HTTP/2 without it. */
function isElsewhere(bytes: Buffer): boolean {
  return (
    bytes.length === 0 ||
    bytes[0] === 0x16 ||
    bytes.toString("latin1", 0, 3) === "PRI" ||
    "PRI".startsWith(bytes.toString("latin1"))
  );
}

export const target: Target = {
  seeds: [
    ...cases.map(({ bytes }) => latin1(bytes)),
    ...refused.cases
      .filter(({ bytes }) => bytes.length < 500)
      .map(({ bytes }) => latin1(bytes.replaceAll("~", hosts[0]))),
  ],
  words: [
    `GET / HTTP/1.1\r\nHost: ${hosts[0]}\r\n\r\n`,
    `Host: ${hosts[0]}\r\n`,
    `Host: ${hosts[1]}\r\n`,
    `http://${hosts[1]}/`,
    `CONNECT ${hosts[1]}:80 HTTP/1.1\r\nHost: ${hosts[1]}\r\n\r\n`,
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "Connection: close\r\n",
    "Upgrade: h2c\r\n",
    "Expect: 100-continue\r\n",
    "Content-Encoding: gzip\r\n",
    "\r\n ",
    " :",
    ";a=b",
    "\x0b",
    "HTTP/1.0",
  ],
  longest: 1500,
  ...frontTarget("http/1.1", (bytes) => (isElsewhere(bytes) ? undefined : bytes)),
};
