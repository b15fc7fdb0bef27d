// Needs bubblewrap, user namespaces, nftables. What the tool says is never the measure: the doors and the host are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { attempt, bash, type Caught, nodeInside, openFolder } from "./trial.ts";

const found = (caught: readonly Caught[], to: string): string[] =>
  caught.filter((one) => one.to === to).map((one) => one.by);

test("real boundary: every way out comes to the doors, with destination and executable", {
  timeout: 60_000,
}, async () => {
  using folder = openFolder();
  const source = `#include <arpa/inet.h>\n#include <sys/socket.h>\n#include <unistd.h>
int main(){struct sockaddr_in a={.sin_family=AF_INET,.sin_port=htons(25)};inet_pton(AF_INET,"10.9.8.7",&a.sin_addr);
int s=socket(AF_INET,SOCK_STREAM,0);char b;connect(s,(void*)&a,sizeof a);return read(s,&b,1)!=1;}`;
  writeFileSync(join(folder.path, "a.c"), source);
  const compiled = existsSync("/usr/bin/cc");
  if (compiled) execFileSync("/usr/bin/cc", ["-static", "-o", join(folder.path, "static"), join(folder.path, "a.c")]);
  const python = `import socket,urllib.request
try: urllib.request.urlopen("http://203.0.113.3:8080/", timeout=5)
except Exception: pass
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.settimeout(5)
u.connect(("8.8.8.8",53)); u.send(b"q"); print("resolver", u.recv(99))
u=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); u.settimeout(5); u.sendto(b"q",("2001:4860:4860::8888",53)); print(u.recvfrom(99)[1][0])
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.settimeout(5)
for d in (("198.51.100.1",123),("198.51.100.2",123),("198.51.100.2",443),("224.0.0.251",5353)): u.sendto(b"x",d); u.recv(99)`;
  const script = `curl -s --noproxy '*' http://93.184.216.34:8080/ -o /dev/null
env -i /usr/bin/curl -s http://203.0.113.2:40000/
curl -s "http://[2606:2800:220:1::1]:443/"; curl -s http://169.254.169.254/
exec 3<>/dev/tcp/203.0.113.4/2525; read -u 3 line
/opt/node -e 'require("https").get("https://203.0.113.5/").on("error",()=>0)'
/usr/bin/python3 -c '${python}'
getent hosts secret.evil.test; ${compiled ? "/ws/static" : "true"}; true`;
  const mounts = [nodeInside, { kind: "read" as const, path: "/ws", from: folder.path }];
  const { caught, said, overflow } = await bash(script, { mounts });
  const python3 = found(caught, "203.0.113.3 8080");
  assert.deepEqual(found(caught, "93.184.216.34 8080"), ["/usr/bin/curl"], said);
  assert.deepEqual(found(caught, "203.0.113.2 40000"), ["/usr/bin/curl"]);
  assert.deepEqual(found(caught, "2606:2800:220:1::1 443"), ["/usr/bin/curl"]);
  assert.deepEqual(found(caught, "169.254.169.254 80"), ["/usr/bin/curl"]);
  assert.deepEqual(found(caught, "203.0.113.4 2525"), ["/usr/bin/bash"]);
  assert.deepEqual(found(caught, "203.0.113.5 443"), ["/opt/node"]);
  assert.match(python3.join(), /^\/usr\/bin\/python3/);
  for (const to of [
    "8.8.8.8 53",
    "2001:4860:4860::8888 53",
    "198.51.100.1 123",
    "198.51.100.2 123",
    "198.51.100.2 443",
    "224.0.0.251 5353",
  ]) {
    assert.deepEqual(found(caught, to), python3, `${to} ${said}`);
  }
  assert.ok(found(caught, "100.64.0.53 53").includes("/usr/bin/getent"));
  if (compiled) assert.deepEqual(found(caught, "10.9.8.7 25"), ["/ws/static"]);
  assert.match(said, /resolver b'answer'\n2001:4860:4860::8888/);
  assert.equal(overflow, 0);
  assert.ok(caught.every((one) => !one.direct));
});

test("real boundary: the tool's own servers serve it, on the doors' side nothing is seen", {
  timeout: 60_000,
}, async () => {
  const script = `const net=require("net");
const places=[[3000,"127.0.0.1","127.0.0.1"],[8080,"0.0.0.0","127.0.0.1"],[443,"0.0.0.0","127.0.0.5"],[3001,"::1","::1"]];
const one=([port,host,to])=>new Promise(r=>{const s=net.createServer(c=>c.end("own "+port)).listen(port,host,()=>{
net.connect(port,to,function(){}).on("data",d=>{console.log(String(d));s.close();r()}).on("error",e=>{console.log(e.code);r()})})});
(async()=>{for(const p of places)await one(p);net.connect(3333,"127.0.0.1").on("error",e=>console.log(e.code))})()`;
  const { caught, said } = await attempt(["/opt/node", "-e", script], { mounts: [nodeInside] });
  assert.equal(said, "own 3000\nown 8080\nown 443\nown 3001\nECONNREFUSED\n");
  assert.deepEqual(caught, []);
});

test("real boundary: nothing of the host answers: listeners, unix sockets, abstract sockets", {
  timeout: 60_000,
}, async () => {
  using folder = openFolder();
  const seen: string[] = [];
  const listen = async (options: object): Promise<AsyncDisposable & { port: number }> => {
    const server = createServer((socket) => {
      seen.push(JSON.stringify(options));
      socket.destroy();
    }).listen(options);
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { port, [Symbol.asyncDispose]: async () => void server.close() };
  };
  await using four = await listen({ host: "127.0.0.1", port: 0 });
  await using all = await listen({ host: "::", port: 0 });
  await using path = await listen({ path: join(folder.path, "host.sock") });
  await using abstract = await listen({ path: `\0postern-test-${process.pid}` });
  assert.ok(path && abstract);
  const udp = createSocket("udp4").bind(0, "127.0.0.1");
  await once(udp, "listening");
  udp.on("message", () => seen.push("udp"));
  const script = `const net=require("net");const t=[${four.port},${all.port}].flatMap(p=>["127.0.0.1","::1","0.0.0.0"].map(host=>({host,port:p})));
t.push({path:"${folder.path}/host.sock"},{path:"\\0postern-test-${process.pid}"});
for(const o of t)net.connect(o).on("error",e=>console.log(e.code)).on("connect",()=>console.log("IN",JSON.stringify(o)));
const u=require("dgram").createSocket("udp4");u.send("x",${udp.address().port},"127.0.0.1",()=>u.close())`;
  const { said } = await attempt(["/opt/node", "-e", script], { mounts: [nodeInside] });
  udp.close();
  assert.deepEqual(seen, []);
  assert.doesNotMatch(said, /IN/);
  assert.deepEqual(new Set(said.trim().split("\n")), new Set(["ECONNREFUSED", "ENOENT"]));
});

test("real boundary: a connection to the door itself is told apart", { timeout: 60_000 }, async () => {
  // whoever is inside can find it: every port of loopback is tried, and some of them answer as the socket's own
  const script = `import socket
for p in range(1, 65536):
  s=socket.socket(); s.connect_ex(("127.0.0.1", p)) or s.getsockname()==s.getpeername() or s.recv(9); s.close()`;
  const { caught } = await attempt(["/usr/bin/python3", "-c", script]);
  assert.deepEqual(
    caught.map(({ door, direct, by }) => [door, direct, by.replace(/\.\d+$/, "")]),
    [["tcp", true, "/usr/bin/python3"]],
  );
});

test("real boundary: the same source port twice is attributed through the connection table", {
  timeout: 60_000,
}, async () => {
  const script = `import socket
def go(to):
  s=socket.socket(); s.setsockopt(socket.SOL_SOCKET,socket.SO_REUSEADDR,1); s.bind(("100.64.0.1",45454)); s.connect(to); return s
a=go(("198.51.100.7",80)); b=go(("198.51.100.8",80)); print(a.recv(9),b.recv(9))`;
  const { caught, said } = await attempt(["/usr/bin/python3", "-c", script]);
  for (const to of ["198.51.100.7 80", "198.51.100.8 80"])
    assert.match(found(caught, to).join(), /^\/usr\/bin\/python3/, said);
});

test("real boundary: one socket, many destinations at once: each datagram keeps its own", {
  timeout: 60_000,
}, async () => {
  const script = `import socket,time
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.settimeout(5)
for i in range(50): u.sendto(b"x",("198.51.100.%d"%(100+i),1000))
print(sorted(u.recvfrom(9)[1][0] for i in range(50))==sorted("198.51.100.%d"%(100+i) for i in range(50)))`;
  const { caught, said } = await attempt(["/usr/bin/python3", "-c", script]);
  assert.equal(new Set(caught.map(({ to }) => to)).size, 50);
  assert.ok(caught.every(({ to, by }) => to.endsWith(" 1000") && by.startsWith("/usr/bin/python3")));
  assert.equal(said, "True\n");
});

test("real boundary: datagrams are seen or counted, none is silent", { timeout: 60_000 }, async () => {
  const total = 20_000;
  const script = `import socket,time
u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); u.connect(("198.51.100.9",9))
for i in range(${total}): u.send(b"x")
time.sleep(1)`;
  const { caught, overflow } = await attempt(["/usr/bin/python3", "-c", script]);
  assert.equal(caught.length + overflow, total);
});

test("real boundary: the file view is the plan's, and the host stays as it was", { timeout: 60_000 }, async () => {
  using folder = openFolder();
  const at = (name: string): string => join(folder.path, name);
  mkdirSync(at("ws"));
  mkdirSync(at("home"));
  writeFileSync(at("ws/.env"), "KEY=real");
  writeFileSync(at("ws/held"), "as it was");
  writeFileSync(at("canary"), "as it was");
  const script = `cat .env; echo; ls -A /ws/secrets ~; echo changed > /ws/new; echo x > held; echo x > /canary/canary; echo x > /usr/x; echo x > /etc/x; echo x > /x
echo x > .env; ln -s /canary/canary l && echo x > l; touch ~/kept; cat /etc/shadow /etc/machine-id; readlink /link
tail -n 3 /etc/ssl/certs/ca-certificates.crt | head -n 2; cat $NODE_EXTRA_CA_CERTS | head -n 2`;
  mkdirSync(at("ws/secrets"));
  writeFileSync(at("ws/secrets/key"), "secret");
  const { said } = await bash(script, {
    directory: "/ws",
    environment: { PATH: "/usr/bin:/bin", HOME: "/home/dev", NODE_EXTRA_CA_CERTS: "/etc/postern/authority.pem" },
    mounts: [
      { kind: "write", path: "/home/dev", from: at("home"), ours: true },
      { kind: "write", path: "/ws", from: at("ws") },
      { kind: "text", path: "/ws/.env", text: "KEY=placeholder" },
      { kind: "read", path: "/ws/held", from: at("ws/held") },
      { kind: "empty", path: "/ws/secrets" },
      { kind: "read", path: "/canary", from: folder.path },
      { kind: "text", path: "/home/dev/.config/made", text: "made" },
      { kind: "link", path: "/link", target: "/ws" },
    ],
  });
  assert.match(said, /^KEY=placeholder\n\/home\/dev:\n.config\n\n\/ws\/secrets:\n/);
  assert.match(said, /\/ws\n-----BEGIN CERTIFICATE-----\nc2Vzc2lvbg==\n-----BEGIN CERTIFICATE-----\nc2Vzc2lvbg==\n/);
  assert.equal(said.match(/Read-only file system/g)?.length, 7, said);
  assert.equal(said.match(/No such file or directory/g)?.length, 2, said);
  assert.deepEqual(
    [".env", "held", "new"].map((name) => readFileSync(at(`ws/${name}`), "utf8")),
    ["KEY=real", "as it was", "changed\n"],
  );
  assert.equal(readFileSync(at("canary"), "utf8"), "as it was");
  assert.ok(existsSync(at("home/kept")) && !existsSync("/usr/x") && !existsSync("/etc/x") && !existsSync("/x"));
});
