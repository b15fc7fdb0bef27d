// Conversations of every kind in every protocol, made by chance, through the real gateway: what nothing is to be done about arrives as
// the octets it was; what is planted does not, however it is written; and how anything was cut changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { host } from "../src/gateway/rehearsal.ts";
import { openDesk } from "../src/session/inspecting/desk.ts";
import { conversation, plant, planting } from "./conversations/generated.ts";
import { type Form, forms } from "./conversations/protocols.ts";
import { compare, holds, textsOf } from "./conversations/reading.ts";
import { speak } from "./conversations/speaking.ts";
import { cut, cuts, write, writing } from "./conversations/written.ts";
import { encodings } from "./detection/encodings.ts";
import { name, readByVendor, stand, token } from "./holes/stand.ts";
import { dialects } from "./restoring/dialects.ts";
import { argumentsOf, replies } from "./restoring/replies.ts";

const values = ["kv-9fQ2xfQ2xLr7Tz0bWW", 'pä$$ "w0rd" \\ né 7', "first line 77\nsecond line 88"];
const known = values.map((value, at) => ({ label: `environment VALUE_${at}`, value }));
const planted = [...values, token];

type Arrived = Awaited<ReturnType<typeof speak>>;

const plainOf = ({ octets, encoding }: Arrived): string =>
  readByVendor({ headers: { "content-encoding": encoding }, body: octets ?? assert.fail("nothing arrived") });

/** Somebody who has seen nothing before, of what left: what is there to act on? */
function lookAgain(form: Form, body: string) {
  const desk = openDesk({ known, compared: false, rules: undefined });
  const head = { method: "POST", target: form.target, headers: [] };
  const asked = { form: form.socket === true ? "socket" : "request", head, host: host(name) } as const;
  return desk.look({ ...asked, body: Buffer.from(body) }).redaction?.parts;
}

for (const form of forms) {
  test(`${form.name}: nothing to act on, so the octets that were sent`, async () => {
    await using it = await stand({ known });
    const property = fc.asyncProperty(conversation, writing, async (talk, how) => {
      const written = write(form.write(talk), how);
      const { octets, encoding } = await speak(it, form, written, how.cuts);
      assert.ok(octets?.equals(form.socket === true ? written.plain : written.octets));
      if (form.socket !== true) assert.equal(encoding, written.encoding);
    });
    await fc.assert(property, { numRuns: 20 });
  });

  test(`${form.name}: a placeholder for each value and nothing else changed, the same however it is cut`, async () => {
    await using it = await stand({ known });
    const standing = new Map<string, string>();
    const plantings = fc.array(planting(planted, ["plain"]), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(conversation, plantings, writing, cuts, async (talk, where, how, otherwise) => {
      const sent = form.write(plant(talk, where));
      const written = write(sent, how);
      const [one, other] = [await speak(it, form, written, how.cuts), await speak(it, form, written, otherwise)];
      const plain = plainOf(one);
      assert.equal(plain, plainOf(other));
      compare(sent, JSON.parse(plain), planted, standing);
      for (const value of planted) assert.ok(!textsOf(JSON.parse(plain)).some((text) => text.includes(value)));
      assert.equal(lookAgain(form, plain), undefined);
    });
    await fc.assert(property, { numRuns: 15 });
    const told = it.stage.entries.flatMap(({ sealed }) => findingsIn(sealed) ?? []);
    assert.ok(told.length >= 30);
    for (let at = 0; at < told.length; at += 2) assert.deepEqual(told[at], told[at + 1]);
    assert.ok(standing.size >= planted.length, "each was planted");
  });

  test(`${form.name}: in every coding, no value arrives`, async () => {
    await using it = await stand({ known });
    const plantings = fc.array(planting(values, Object.keys(encodings)), { minLength: 1, maxLength: 3 });
    let arrived = 0;
    const property = fc.asyncProperty(conversation, plantings, writing, async (talk, where, how) => {
      const written = write(form.write(plant(talk, where)), how);
      const got = await speak(it, form, written, how.cuts);
      if (got.octets === undefined) return;
      arrived += 1;
      const plain = plainOf(got);
      for (const value of values)
        for (const text of textsOf(JSON.parse(plain))) assert.ok(!holds(text, value), JSON.stringify(text));
      assert.equal(lookAgain(form, plain), undefined);
    });
    await fc.assert(property, { numRuns: 30 });
    assert.ok(arrived >= 20, `${arrived} of 30 arrived`);
  });
}

/** Of one that was looked into: a list in a list, so that none found is something. */
function findingsIn(sealed: object | undefined): readonly unknown[] | undefined {
  const { content } = (sealed ?? {}) as { content?: { findings?: unknown } };
  return content === undefined ? undefined : [content.findings];
}

/** Which of the requests a reply of this protocol answers. */
const asking: Readonly<Record<string, string>> = {
  anthropic: "Anthropic Messages",
  bedrock: "Bedrock Converse",
  "openai-chat": "Chat Completions",
  "openai-responses": "Responses",
  gemini: "Gemini",
  ollama: "Ollama",
};

for (const reply of [...dialects, ...replies])
  test(`${reply.name}: what the model writes of what it was told is on the way back what the tool had said`, async () => {
    let answer: { octets: Buffer; places: readonly number[] } = { octets: Buffer.alloc(0), places: [] };
    await using it = await stand({
      known,
      reply: async (_, response) => {
        response.writeHead(200, { "content-type": reply.mediaType });
        for (const chunk of cut(answer.octets, answer.places)) {
          response.write(chunk);
          await new Promise(setImmediate);
        }
        response.end();
      },
    });
    const form = forms.find(({ name }) => name === asking[reply.protocol]) ?? assert.fail(reply.protocol);
    const plantings = fc.array(planting(planted, ["plain"]), { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(conversation, plantings, cuts, cuts, async (talk, where, how, places) => {
      const told = plant(talk, where);
      const plainly = { indent: 0, escape: 0, coding: "identity", cuts: how } as const;
      answer = { octets: Buffer.from("{}"), places };
      const { octets } = await speak(it, form, write(form.write(told), plainly), how);
      const texts = stringsIn(JSON.parse(String(octets)));
      const said = stringsIn(JSON.parse(JSON.stringify(form.write(told))));
      const nth = said.findIndex((text) => planted.some((value) => text.includes(value)) && !text.startsWith("{"));
      if (nth < 0) return;
      const marked = texts[nth] ?? assert.fail("not as many texts");
      answer = { octets: reply.write("Write", marked, marked), places };
      const back = reply.read((await speak(it, form, write(form.write(told), plainly), how)).answer);
      assert.ok(back.calls.length > 0);
      for (const each of back.calls) assert.deepEqual(each, argumentsOf(said[nth] ?? ""));
      for (const each of back.texts) assert.equal(each, marked);
    });
    await fc.assert(property, { numRuns: 8 });
  });

/** In order. */
function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

test("what reads for the vendor reads every coding", () => {
  for (const value of values)
    for (const [coding, encode] of Object.entries(encodings)) {
      const written = encode(value);
      if (written !== undefined)
        assert.ok(
          textsOf([written]).some((text) => holds(text, value)),
          `${coding}: ${written}`,
        );
    }
});
