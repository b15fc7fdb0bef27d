import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { parseHost } from "../domain/brand.ts";
import { parsePolicy } from "./document.ts";
import { checkPathGlob } from "./glob.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { initialPolicy } from "./initial.ts";
import { profileNamed, profiles, purposeOf, recognise, shapeOf } from "./profile.ts";
import { allow, hostsOf, policyOf } from "./rehearsal.ts";

const glob = z.string().refine((text) => checkPathGlob(text) === undefined);
const words = z.array(z.string().min(1));
const way = words.min(1);
const host = z.string().refine((text) => parseHost(text) === text);
const paths = z.array(glob).min(1);
const login = z.strictObject({
  endpoint: z.strictObject({ host, paths }),
  also: z.array(z.strictObject({ host, methods: words.min(1), paths })),
  authorise: z.array(host).min(1),
  places: z
    .array(
      z.strictObject({
        host,
        header: z.literal("authorization"),
        methods: words.min(1),
        paths,
        purpose: z.enum(["inference", "login", "flags"]),
      }),
    )
    .min(1),
  prefixes: z.strictObject({ access: z.string().min(3).optional(), refresh: z.string().min(3).optional() }),
  file: z.strictObject({
    path: z.string().regex(/^\.[a-z]+(?:\/[a-z._]+)+\.json$/),
    access: way,
    refresh: way,
    id: way.optional(),
    expires: way.optional(),
    refreshed: way.optional(),
    scope: way.optional(),
    keep: z.array(way),
    elsewhere: z.strictObject({ where: z.string(), remedy: z.string() }).optional(),
  }),
  source: z.string().min(20),
  confirmed: z.boolean(),
});
const schema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: z.string().min(1),
  commands: words.min(1),
  packages: words.min(1),
  hosts: z.array(
    z.strictObject({
      host: z.string().refine((text) => parseHostPattern(text).ok),
      purpose: z.enum(["inference", "login", "telemetry", "flags", "update", "registry", "other"]),
      methods: words.min(1).optional(),
      paths: z.array(glob).min(1).optional(),
      protocol: z.enum(["anthropic", "openai-chat", "openai-responses", "gemini"]).optional(),
    }),
  ),
  credentials: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9-]+$/),
      variable: z.string().regex(/^[A-Z_]+$/),
      host: z.string().refine((text) => parseHost(text) === text),
      header: z.string().regex(/^[a-z-]+$/),
      paths: z.array(glob).min(1),
      shape: z.string().min(1),
    }),
  ),
  login: login.optional(),
  environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()),
  withKey: z.record(z.string().regex(/^[A-Z_]+$/), z.string()).optional(),
  baseUrl: z.array(z.strictObject({ protocol: z.string(), variable: z.string().regex(/^[A-Z_]+$/) })),
  variables: words.optional(),
  files: z.record(z.string().regex(/^\/etc\/[\w./-]+$/), z.string()).optional(),
  bypass: words,
  settings: z.array(z.string().startsWith("~/")),
  authorities: words.min(1),
  notes: words,
});

for (const profile of profiles) {
  void test(`profile ${profile.name} is whole`, () => {
    schema.parse(profile);
    const inference = profile.hosts.filter(({ purpose }) => purpose === "inference");
    assert.ok(inference.length > 0 && inference.every(({ methods, paths, protocol }) => methods && paths && protocol));
    for (const credential of profile.credentials) {
      const home = inference.find(({ host }) => host === credential.host);
      assert.ok(
        credential.paths?.every((path) => home?.paths?.includes(path)),
        `${credential.id} goes where inference goes`,
      );
    }
    assert.equal(new Set(profile.credentials.map(({ variable }) => variable)).size, profile.credentials.length);
    assert.ok(parsePolicy(Buffer.from(initialPolicy(profile)), "f").ok);
    assert.ok(profile.settings.every((path) => initialPolicy(profile).includes(path)));
    const secret = profile.variables?.filter((name) => /KEY|TOKEN|SECRET|PASS/.test(name));
    assert.deepEqual(secret ?? [], [], "what holds a secret is no setting");
  });
}

void test("the guide tells of every agent: its bypass, its variables for keys, what is passed on", () => {
  const guide = readFileSync(new URL("../../docs/guide/agents.md", import.meta.url), "utf8");
  for (const { title, bypass, credentials } of profiles) {
    const told = guide.split(/^## /m).find((section) => section.startsWith(title)) ?? "";
    for (const word of [...bypass, ...credentials.map(({ variable }) => variable)])
      assert.ok(told.includes(word), `${title}: ${word}`);
  }
});

for (const { name, login: data } of profiles.filter((profile) => profile.login !== undefined))
  void test(`the login of ${name} shows nothing inside that is a token, and puts none in where they are given out`, () => {
    const { file, places, endpoint } = data ?? assert.fail();
    const secret = [file.access, file.refresh, file.id ?? []].map((steps) => steps.join());
    assert.ok(file.keep.every((steps) => !secret.some((other) => other.startsWith(steps.join()))));
    for (const place of places.filter((one) => one.host === endpoint.host))
      assert.deepEqual(
        place.paths.filter((path) => endpoint.paths.includes(path)),
        [],
      );
  });

void test("every profile file is among them, and no command means two tools", () => {
  const files = readdirSync(new URL("profiles/", import.meta.url)).map((name) => name.replace(".json", ""));
  assert.deepEqual(profiles.map(({ name }) => name).sort(), files.sort());
  const commands = profiles.flatMap((profile) => profile.commands);
  assert.equal(new Set(commands).size, commands.length);
});

void test("a tool is known by its package before its command", () => {
  assert.equal(recognise("/usr/local/bin/claude")?.name, "claude-code");
  assert.equal(recognise("pi")?.name, "pi");
  assert.equal(recognise("codex.js")?.name, "codex");
  assert.equal(recognise("cli", "@mariozechner/pi-coding-agent")?.name, "pi");
  assert.equal(recognise("claude", "@openai/codex")?.name, "codex");
  assert.equal(recognise("bash"), undefined);
  assert.equal(recognise("toString"), undefined);
  assert.equal(profileNamed("nobody"), undefined);
});

void test("a placeholder has the shape its vendor's keys have; an unknown word is purpose other", () => {
  assert.equal(shapeOf("api.anthropic.com", "x-api-key"), "sk-ant-api03-");
  assert.equal(shapeOf("api.example.com", "x-api-key"), "");
  assert.deepEqual([purposeOf("inference"), purposeOf("x"), purposeOf(undefined)], ["inference", "other", "other"]);
});

void test("a first policy is valid without a tool too", () => {
  assert.ok(parsePolicy(Buffer.from(initialPolicy()), "f").ok);
});

void test("a profile's hosts give way to `network.profile: none`, whoever says it; what they are for is known all the same", async () => {
  const none = { network: { profile: "none" } };
  for (const layers of [{ user: none }, { organisation: none }, { repository: none }]) {
    const policy = await policyOf(layers, { profile: "pi" });
    assert.deepEqual([hostsOf(policy), policy.requested, policy.unenforced], [[], [], []]);
    assert.ok(policy.purposes.length > 0 && policy.credentials.length > 0);
  }
  const widening = await policyOf({ user: none, repository: { network: { profile: "inference" } } }, { profile: "pi" });
  assert.deepEqual(hostsOf(widening), []);
  const own = await policyOf(
    { user: { network: { ...none.network, ...allow("a.example").network } } },
    { profile: "pi" },
  );
  assert.deepEqual(hostsOf(own), ["user:network.allow[0] a.example"]);
  assert.ok(hostsOf(await policyOf({}, { profile: "pi" })).length > 0);
});
