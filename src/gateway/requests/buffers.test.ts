import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Loan, openBuffers } from "./buffers.ts";

const size = 300 * 1024;

void test("memory is used again only when borrower and writers have let go", () => {
  const buffers = openBuffers(1 << 20);
  const first = buffers.borrow(size);
  const written = first.keep();
  first.giveBack();
  assert.notEqual(buffers.borrow(size).bytes.buffer, first.bytes.buffer, "a writer still holds it");
  written();
  written();
  first.giveBack();
  const next = buffers.borrow(size + 1);
  assert.equal(next.bytes.buffer, first.bytes.buffer);
  assert.equal(next.bytes.length, size + 1);
  assert.notEqual(buffers.borrow(size).bytes.buffer, first.bytes.buffer, "letting go twice is letting go once");
});

void test("no more is kept idle than the bound", () => {
  const buffers = openBuffers(600 * 1024);
  const [one, two] = [buffers.borrow(size), buffers.borrow(size)];
  one.giveBack();
  two.giveBack();
  assert.equal(buffers.borrow(size).bytes.buffer, one.bytes.buffer);
  assert.notEqual(buffers.borrow(size).bytes.buffer, two.bytes.buffer);
});

void test("no two loans share a byte, in whatever order they are taken and given back", () => {
  const steps = fc.array(
    fc.record({ take: fc.boolean(), size: fc.integer({ min: 0, max: 400_000 }), which: fc.nat() }),
  );
  fc.assert(
    fc.property(steps, (list) => {
      const buffers = openBuffers(2 << 20);
      const out: { loan: Loan; mark: number; asked: number }[] = [];
      for (const [at, step] of list.entries()) {
        if (step.take || out.length === 0) {
          const loan = buffers.borrow(step.size);
          loan.bytes.fill(at % 251);
          out.push({ loan, mark: at % 251, asked: step.size });
        } else out.splice(step.which % out.length, 1)[0]?.loan.giveBack();
        for (const { loan, mark, asked } of out) {
          assert.equal(loan.bytes.length, asked);
          assert.ok(loan.bytes.every((byte) => byte === mark));
        }
      }
    }),
    { numRuns: 30 },
  );
});
