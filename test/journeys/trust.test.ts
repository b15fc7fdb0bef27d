// Programs with a list of their own of whom they trust reach an allowed host over HTTPS from inside: Java, Chromium. Judged by
// what the host was asked, and by the record. Needs namespaces; each test needs the program in its name.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { withoutProc } from "../../src/boundary/linux/trial.ts";
import { issueForLoopback } from "../../src/gateway/authority/loopback.ts";
import { without } from "./equipment.ts";
import { Stage } from "./stage.ts";

const host = "pages.example.org";

interface Pages extends AsyncDisposable {
  readonly stage: Stage;
  /** Paths it was asked for. */
  readonly asked: readonly string[];
  readonly policy: object;
}

async function openPages(files: Readonly<Record<string, string>> = {}): Promise<Pages> {
  const issued = issueForLoopback([host]);
  const asked: string[] = [];
  const server = createServer(issued, (request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-type": "text/html" }).end("<p>a page</p>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stage = new Stage({ files });
  const upstream = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: stage.write("ca.pem", issued.ca),
  };
  return {
    stage,
    asked,
    policy: { network: { allow: [{ host, upstream }] } },
    [Symbol.asyncDispose]: async () => {
      stage[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function passed({ stage }: Pages): Promise<readonly unknown[]> {
  const log = await stage.log();
  return log.filter(({ kind, sealed }) => kind === "request" && sealed["host"] === host).map(({ verdict }) => verdict);
}

const program = `import java.net.URI; import java.net.http.*;
public class Ask { public static void main(String[] words) throws Exception {
  HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(words[0])).build(), HttpResponse.BodyHandlers.ofString()); } }`;

test("java: its own client, and nothing on its errors (needs namespaces, /proc inside, javac)", {
  skip: withoutProc || without(["javac", "-version"]),
  timeout: 120_000,
}, async () => {
  await using pages = await openPages({ "Ask.java": program });
  const script = `javac -d out Ask.java; java -cp out Ask https://${host}/from-java 2> said`;
  const ran = await pages.stage.run(["bash", "-ec", script], { policy: pages.policy });
  assert.equal(ran.code, 0, ran.errors);
  assert.deepEqual([pages.asked, await passed(pages)], [["/from-java"], ["allow"]]);
  assert.equal(readFileSync(join(pages.stage.work, "said"), "utf8"), "");
});

test("chromium: a page of an allowed host (needs namespaces, /proc inside, chromium)", {
  skip: withoutProc || without(["chromium", "--version"]),
  timeout: 120_000,
}, async () => {
  await using pages = await openPages();
  const words = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"];
  const ran = await pages.stage.run(["chromium", ...words, `https://${host}/from-chromium`], { policy: pages.policy });
  assert.equal(ran.code, 0, ran.errors);
  assert.ok(pages.asked.includes("/from-chromium"), ran.errors);
  assert.ok((await passed(pages)).every((verdict) => verdict === "allow"));
});

test("a Java of a toolchain has the session's trust inside and its own outside (needs namespaces)", {
  timeout: 60_000,
}, async () => {
  using stage = new Stage();
  const java = join(stage.home, ".sdkman/candidates/java");
  const stores = [join(java, "21/lib/security/cacerts"), join(java, "8/jre/lib/security/cacerts")];
  for (const store of stores) stage.write(store, "the person's own");
  stage.write(join(java, "21/bin/java"), "");
  const policy = { files: { write: ["."], toolchains: ["java"] } };
  const script = stores.map((store, index) => `cp ${store} store-${index}; echo evil > ${store}`).join("; ");
  await stage.run(["bash", "-c", script], { policy });
  for (const [index, store] of stores.entries()) {
    assert.equal(readFileSync(join(stage.work, `store-${index}`)).readUInt32BE(0), 0xfeedfeed, store);
    assert.equal(readFileSync(store, "utf8"), "the person's own");
  }
});
