// The battery on Debian's own kernel 6.1, in an emulated machine, against the same probes on this machine's kernel. What
// must not be there must not be there either; and every difference has its explanation (test/kernel/differences.ts).

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { isFailure, type Outcome } from "../battery/probe.ts";
import { probes } from "../battery/probes/all.ts";
import { type Compared, differencesOf } from "../kernel/differences.ts";
import { type Tried, tryThere } from "../kernel/lane.ts";
import { emulator, memory, words } from "../kernel/machine.ts";
import { columnOf, type Order, ordersFor, ownTests } from "../kernel/orders.ts";
import { type Kernel, openKernel } from "../kernel/package.ts";
import type { Kernels } from "../kernel/page.ts";
import { digestFolders, type Result, root } from "./results.ts";
import { each } from "./workers.ts";

export const folders = ["src/boundary", "src/gateway", "src/review", "src/session", "test/battery"];

interface Wishes {
  readonly decisive: boolean;
  /** Ours as root, too. */
  readonly asRoot: boolean;
  /** Machines. */
  readonly atOnce: number;
  /** These alone are tried; of the others stays what is kept. */
  readonly only: readonly string[];
}

type Outcomes = Readonly<Record<string, Outcome>>;

export async function kernels({ decisive, asRoot, atOnce, only }: Wishes, kept?: Kernels) {
  const kernel = openKernel();
  const ids = probes
    .filter(({ id, ...probe }) => (only.length === 0 ? !decisive || probe.decisive === true : only.includes(id)))
    .map(({ id }) => id);
  const orders = ordersFor(ids, asRoot && process.getuid?.() === 0);
  // of what is copied for the guest now: what changes meanwhile is not tried
  const digest = digestFolders(folders);
  const tried = await tryThere(kernel, orders, { digest, atOnce });
  const here = keptHere(digest) ?? (await tryHere(orders));
  return tell({ ...tried, kernel, orders, here, decisive, emulator: emulator(), sources: digest, kept });
}

interface Here {
  readonly release: string;
  readonly from: string;
  /** By probe, then by column. */
  readonly outcomes: ReadonlyMap<string, Outcomes>;
}

/** The whole battery's result, where it is about the very code that was tried there. */
function keptHere(digest: string): Here | undefined {
  const file = join(root, "conformance/results/battery.json");
  if (!existsSync(file)) return undefined;
  const { date, machine, sources, found } = JSON.parse(readFileSync(file, "utf8")) as Result;
  if (sources.folders.join() !== folders.join() || sources.sha256 !== digest) return undefined;
  const rows = found["rows"] as readonly { readonly id: string; readonly outcomes: Outcomes }[];
  const from = `\`conformance/results/battery.json\` of ${date.slice(0, 10)}`;
  return { release: machine.kernel, from, outcomes: new Map(rows.map(({ id, outcomes }) => [id, outcomes])) };
}

const program = new URL("../battery/battery.ts", import.meta.url).pathname;

async function tryHere(orders: readonly Order[]): Promise<Here> {
  const directory = mkdtempSync(join(tmpdir(), "postern-kernel-"));
  const outcomes = new Map<string, Record<string, Outcome>>();
  const columns = [...new Set(orders.map(columnOf))];
  const pieces = columns.flatMap((column) => {
    const own = orders.filter((order) => columnOf(order) === column);
    return Array.from({ length: Math.ceil(own.length / 20) }, (_, nth) => own.slice(nth * 20, nth * 20 + 20));
  });
  await each(pieces, async (piece, run) => {
    const [first] = piece;
    if (first === undefined) return;
    const file = join(directory, `${columnOf(first)} ${first.id}.json`);
    const as = first.asRoot ? "root" : "user";
    const only = piece.map(({ id }) => id).join(",");
    await run([program, "--target", first.target, "--as", as, "--only", only, "--json", file]);
    for (const { id, outcomes: own } of JSON.parse(readFileSync(file, "utf8")) as {
      id: string;
      outcomes: Outcomes;
    }[]) {
      const outcome = own[first.target];
      if (outcome !== undefined) outcomes.set(id, { ...outcomes.get(id), [columnOf(first)]: outcome });
    }
  });
  rmSync(directory, { recursive: true });
  return { release: release(), from: "tried when the first line says", outcomes };
}

interface Told extends Tried {
  readonly kernel: Kernel;
  readonly orders: readonly Order[];
  readonly here: Here;
  readonly decisive: boolean;
  readonly emulator: string;
  /** Digest of what was tried. */
  readonly sources: string;
  /** What of it was tried earlier, and is not in the orders. */
  readonly kept?: Kernels | undefined;
}

function compareAll({ orders, rows, here, sources }: Told): readonly Compared[] {
  const tried = new Date().toISOString();
  return orders.flatMap((order): readonly Compared[] => {
    const row = rows.find((one) => one.order.id === order.id && columnOf(one.order) === columnOf(order));
    const column = columnOf(order);
    if (row === undefined) return [];
    const other = here.outcomes.get(order.id)?.[column];
    return [{ id: order.id, column, there: row.outcome, here: other, tried, sources }];
  });
}

function extentOf(rows: readonly Compared[]): Kernels["extent"] {
  const tried = new Set(rows.map(({ id }) => id));
  return probes.every(({ id }) => tried.has(id)) ? "whole" : "part";
}

export function tell(told: Told): { held: boolean; found: Kernels } {
  const { kernel, orders, tests, facts, here, emulator: version, kept } = told;
  const fresh = compareAll(told);
  const older = kept?.rows.filter(({ id }) => !orders.some((order) => order.id === id)) ?? [];
  const compared = [...older, ...fresh];
  const differences = differencesOf(compared);
  const wrong = [
    ...compared.flatMap(({ id, column, there }) =>
      there.kind === "broken" || (column !== "none" && isFailure(there)) ? [`${column}: ${id}: ${there.kind}`] : [],
    ),
    ...compared.flatMap(({ id, column, here: other }) =>
      other === undefined ? [`${column}: ${id}: not tried on this machine`] : [],
    ),
    ...differences.flatMap(({ id, column, there, here: other, because }) =>
      because === null ? [`${column}: ${id}: ${there} there, ${other} here, and nobody has said why`] : [],
    ),
    ...(fresh.length === orders.length ? [] : [`${orders.length - fresh.length} were not tried`]),
    ...tests.flatMap(({ name, passed, why }) => (passed ? [] : [`test: ${name}: ${why}`])),
    ...(tests.length >= ownTests.length ? [] : ["the tests of its own were not tried"]),
    ...(facts?.release === kernel.release ? [] : [`the machine said that it runs ${facts?.release}`]),
  ];
  const there = {
    release: facts?.release ?? "",
    build: facts?.build ?? "",
    package: kernel.package,
    securityModules: facts?.modules ?? "",
    emulator: version,
    memory,
    parameters: words,
  };
  const asRoot = kept?.asRoot ?? orders.some((order) => order.asRoot);
  const extent = told.decisive ? "decisive" : extentOf(compared);
  const from = { release: here.release, from: here.from };
  return {
    held: wrong.length === 0,
    found: { there, here: from, extent, asRoot, wrong, differences, tests, rows: compared },
  };
}
