// Published ports and services, through the real command line and boundary: what the host's own curl gets from a server
// inside, what the host's own server and database got from a client inside, and the record. Needs namespaces.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { openDatabase, psql, withoutPostgres } from "./database.ts";
import { freePort, listenAt } from "./free-port.ts";
import { withoutCurl } from "./missing.ts";
import { type Logged, Stage } from "./stage.ts";

const node = process.execPath;
const run = promisify(execFile);

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await setTimeout(20);
}

/** What curl on the host gets; its complaint where it gets nothing. */
async function curl(url: string, ...words: string[]): Promise<string> {
  const answer = await run("/usr/bin/curl", ["-sS", "--noproxy", "*", "-g", ...words, url]).catch((error: unknown) => ({
    stdout: String(error),
  }));
  return answer.stdout;
}

const executable = ({ sealed }: Logged): unknown =>
  (sealed["process"] as { executable?: string } | undefined)?.executable;
const connections = (log: readonly Logged[]) => log.filter(({ kind }) => kind === "connection");

/** Answers with the checkout's file; `/end` ends it. */
const site = `const http = require("http"), fs = require("fs");
const ports = process.argv.slice(2), up = [];
for (const place of ports) {
  const [host, port] = place.split(" ");
  http.createServer((request, response) => {
    if (request.url === "/end") { response.end("bye"); setTimeout(() => process.exit(), 100); return; }
    let size = 0;
    request.on("data", (bytes) => (size += bytes.length)).on("end", () => response.end(host + " " + size + " " + fs.readFileSync("canary")));
  }).listen(port, host, () => { up.push(place); if (up.length === ports.length) fs.writeFileSync("up", ""); });
}`;

test("real boundary: a published port of either loopback is opened from this machine, another is not (needs namespaces)", {
  skip: withoutCurl,
  timeout: 300_000,
}, async () => {
  const canary = randomUUID();
  const [four, six, hidden] = [await freePort(), await freePort(), await freePort()];
  using stage = new Stage({ files: { canary, "site.cjs": site } });
  const places = [`127.0.0.1 ${four}`, `::1 ${six}`, `127.0.0.1 ${hidden}`];
  const started = stage.start([node, "site.cjs", ...places], { policy: { network: { publish: [four, six] } } });
  await appears(join(stage.work, "up"));
  assert.equal(await curl(`http://127.0.0.1:${four}/`), `127.0.0.1 0 ${canary}`);
  assert.equal(await curl(`http://[::1]:${four}/`), `127.0.0.1 0 ${canary}`);
  assert.equal(await curl(`http://localhost:${six}/`), `::1 0 ${canary}`);
  const large = stage.write("large", "x".repeat(3_000_000));
  assert.equal(await curl(`http://127.0.0.1:${four}/`, "--data-binary", `@${large}`), `127.0.0.1 3000000 ${canary}`);
  assert.match(await curl(`http://127.0.0.1:${hidden}/`), /Couldn't connect/);
  for (const { address, internal } of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
    if (!internal && !address.startsWith("fe80"))
      assert.match(
        await curl(`http://${address.includes(":") ? `[${address}]` : address}:${four}/`),
        /Couldn't connect/,
      );
  // what nobody published is offered, once, when it has been there for a look or two
  await setTimeout(4000);
  assert.equal(await curl(`http://127.0.0.1:${four}/end`), "bye");
  const { code, errors, summary } = await started.ended;
  assert.equal(code, 0, errors);
  assert.deepEqual(errors.match(/port .* is listened on inside[^\n]*/g), [
    `port ${hidden} is listened on inside, where nothing outside can reach it`,
  ]);
  assert.match(errors, new RegExp(`publish: \\[${four}, ${six}, ${hidden}\\]`));
  assert.deepEqual(summary?.network.unpublished, [hidden]);
  const [first] = summary?.network.published ?? [];
  assert.deepEqual([first?.port, first?.connections], [four, 4]);
  assert.ok((first?.bytesIn ?? 0) > 3_000_000 && (first?.bytesOut ?? 0) > 4 * canary.length);
  const log = await stage.log();
  const entered = connections(log);
  assert.deepEqual(
    entered.map((entry) => [entry.rule, entry.sealed["carried"], entry.sealed["ip"], entry.sealed["port"]]),
    [
      ["user:network.publish[0]", "published", "127.0.0.1", four],
      ["user:network.publish[0]", "published", "::1", four],
      ["user:network.publish[1]", "published", entered[2]?.sealed["ip"], six],
      ["user:network.publish[0]", "published", "127.0.0.1", four],
      ["user:network.publish[0]", "published", "127.0.0.1", four],
    ],
  );
  assert.ok(entered.every((entry) => executable(entry) === node));
  assert.equal(log.filter(({ kind }) => kind === "reply").length, 5);
  // the session is over, and so is what it published
  assert.match(await curl(`http://127.0.0.1:${four}/`), /Couldn't connect/);
  assert.equal((await stage.call(["verify", "--contents"])).code, 0);
});

test("real boundary: a port of this machine that is taken refuses the session, in audit it goes without (needs namespaces)", {
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const other = await listenAt("::1", port);
  using stage = new Stage();
  const network = { publish: [port] };
  const refused = await stage.run(["touch", "ran"], { policy: { network } });
  assert.equal(refused.code, 125);
  assert.match(
    refused.errors,
    new RegExp(`port ${port} cannot be published .*\\[::1\\]:${port} of this machine is taken`),
  );
  assert.match(refused.errors, /hint: ss /);
  assert.equal(existsSync(join(stage.work, "ran")), false);
  const audit = await stage.run(["touch", "ran"], { policy: { network, mode: "audit" } });
  assert.equal(audit.code, 0, audit.errors);
  assert.match(audit.errors, /is taken/);
  assert.equal(existsSync(join(stage.work, "ran")), true);
  other?.close();
});

test("real boundary: a service of this machine's loopback is reached by the same name and port, its neighbours are not (needs namespaces)", {
  skip: withoutCurl,
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const heard: string[] = [];
  // on one address only, as many a server is; it speaks first
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("220 host\r\n");
    socket.on("data", (bytes) => {
      heard.push(bytes.toString());
      socket.end("bye\r\n");
    });
  });
  server.listen(port, "127.0.0.1");
  const neighbour = createServer((socket) => {
    heard.push("the neighbour was reached");
    socket.destroy();
  });
  neighbour.listen(port + 1, "127.0.0.1");
  using stage = new Stage();
  const script = `for host in 127.0.0.1 localhost; do exec 3<>/dev/tcp/$host/${port}; read -u 3 line; echo "from $host" >&3; read -u 3 more; echo "$line $more"; done
curl -sS --noproxy '*' http://127.0.0.1:${port + 1}/; curl -sS -g --noproxy '*' 'http://[::1]:${port + 1}/'
curl -sS --noproxy '*' http://0.0.0.0:${port + 1}/; curl -sS --noproxy '*' http://127.0.0.2:${port}/; exec 3<>/dev/tcp/::1/${port}; echo six >&3; read -u 3 line; read -u 3 line`;
  const policy = { network: { services: [`localhost:${port}`] } };
  const ran = await stage.run(["bash", "-c", script], { policy });
  server.close();
  neighbour.close();
  assert.deepEqual(heard, ["from 127.0.0.1\n", "from localhost\n", "six\n"]);
  assert.equal(ran.errors.match(/Couldn't connect/g)?.length, 4, ran.errors);
  const log = await stage.log();
  const entered = connections(log);
  assert.deepEqual(
    entered.map((entry) => [
      entry.verdict,
      entry.rule,
      entry.sealed["carried"],
      entry.sealed["port"],
      executable(entry),
    ]),
    Array.from({ length: 3 }, () => ["allow", "user:network.services[0]", "opaque", port, "/usr/bin/bash"]),
  );
  const replies = log.filter(({ kind }) => kind === "reply");
  assert.deepEqual(
    replies.map(({ counts }) => [counts["bytes-out"], counts["bytes-in"]]),
    [
      [15, 15],
      [15, 15],
      [4, 15],
    ],
  );
});

test("real boundary: rows of this machine's PostgreSQL reach a client inside, and its rows the database (needs namespaces)", {
  skip: withoutPostgres,
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const secret = randomUUID();
  using stage = new Stage();
  await using database = await openDatabase(port);
  database.ask(`create table orders (id int, note text); insert into orders values (1, '${secret}')`);
  const statement =
    "select note from orders; insert into orders select n, repeat('x', 1000) from generate_series(2, 3000) n";
  const words = [psql, "-h", "localhost", "-p", String(port), "-U", "shop", "-d", "postgres", "-XAtq", "-c", statement];
  const policy = { network: { services: [`localhost:${port}`] } };
  const ran = await stage.run([...words, "-o", "rows"], { policy });
  assert.equal(ran.code, 0, ran.errors);
  assert.equal(readFileSync(join(stage.work, "rows"), "utf8"), `${secret}\n`);
  assert.equal(database.ask("select count(*), sum(length(note)) from orders"), `3000|${2_999_000 + secret.length}\n`);
  const [entry] = connections(await stage.log());
  assert.deepEqual([entry?.rule, executable(entry as Logged)], ["user:network.services[0]", psql]);
  // nobody named it: the same words reach nothing, in audit neither
  for (const mode of ["enforce", "audit"]) {
    const unnamed = await stage.run(words, { policy: { mode } });
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.errors, /Connection refused/);
  }
  assert.equal(database.ask("select count(*) from orders"), "3000\n");
});
