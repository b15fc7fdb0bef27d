// Names → synthetic addresses, one each, for a workspace's whole life: chosen by a salted hash, kept in a file that only
// grows. Sessions of one workspace share the file; whoever's line stands first in it has the address, so each writes, reads
// back, and goes on looking where it came second. Nothing here is ever routed beyond the tool's own namespace.

import { createHmac } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { type Host, isAddress, parseHost } from "../../domain/brand.ts";
import { Fault } from "../../domain/fault.ts";

export interface Pair {
  readonly v4: string;
  readonly v6: string;
}

export interface Addresses {
  /** The name's pair; `undefined`: the pool is exhausted. Throws a Fault `names` where the file cannot be used. */
  readonly give: (name: Host) => Pair | undefined;
  /** True where the name has its pair already. */
  readonly knows: (name: Host) => boolean;
  /** An address in any textual form that a kernel gives → the name it stands for. */
  readonly nameOf: (ip: string) => Host | undefined;
  readonly close: () => void;
}

/** 198.18.0.0/15 without its first and last address (RFC 2544: benchmarks; nobody routes it). */
export const poolSize = 2 ** 17 - 2;

/** `file`: made where absent, mode 0600. `salt`: the workspace's own. `size`: addresses, smaller in tests. */
export function openAddresses(file: string, salt: string, size: number = poolSize): Addresses {
  const handle = guarded(() => openSync(file, "a+", 0o600));
  const byName = new Map<Host, number>();
  const byIndex = new Map<number, Host>();
  let read = 0;
  let rest = "";

  const learn = (): void => {
    const end = fstatSync(handle).size;
    while (read < end) {
      const chunk = Buffer.alloc(Math.min(end - read, 1 << 20));
      const got = readSync(handle, chunk, 0, chunk.length, read);
      if (got === 0) return;
      read += got;
      const lines = (rest + chunk.toString("latin1", 0, got)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    }
  };

  /** First come: a later line for a taken index or a known name counts for nothing. */
  const take = (line: string): void => {
    const [number = "", text = "", more] = line.split(" ");
    const name = parseHost(text);
    const index = /^[0-9]{1,6}$/.test(number) ? Number(number) : 0;
    if (name === undefined || more !== undefined || index < 1 || index > size) return;
    if (byName.has(name) || byIndex.has(index)) return;
    byName.set(name, index);
    byIndex.set(index, name);
  };

  const claim = (name: Host): number | undefined => {
    const start = createHmac("sha256", salt).update(name).digest().readUIntBE(0, 6) % size;
    for (let step = 0; step < size; step += 1) {
      const index = 1 + ((start + step) % size);
      if (byIndex.has(index)) continue;
      // a line is one write, appended whole; the leading break ends one that a killed session left half written
      writeSync(handle, `\n${index} ${name}\n`);
      learn();
      const won = byName.get(name);
      if (won !== undefined) return won;
      // neither ours nor anybody's: the line did not get into the file whole
      if (!byIndex.has(index)) throw new Error("the line written was not read back");
    }
    return undefined;
  };

  guarded(learn);
  return {
    give: (name) =>
      guarded(() => {
        if (!byName.has(name)) learn();
        const index = byName.get(name) ?? claim(name);
        return index === undefined ? undefined : pairAt(index);
      }),
    knows: (name) => byName.has(name),
    nameOf: (ip) => {
      const index = indexOf(ip);
      return index === undefined ? undefined : byIndex.get(index);
    },
    close: () => closeSync(handle),
  };
}

function pairAt(index: number): Pair {
  const v4 = `198.${18 + (index >> 16)}.${(index >> 8) & 0xff}.${index & 0xff}`;
  const high = index >> 16;
  const low = (index & 0xffff).toString(16);
  // RFC 5952: the long run of zeros shortened, at either length
  return { v4, v6: high === 0 ? `fd00:70:1::${low}` : `fd00:70:1::${high}:${low}` };
}

function indexOf(ip: string): number | undefined {
  const quad = /^(?:::ffff:)?198\.(18|19)\.(\d{1,3})\.(\d{1,3})$/i.exec(ip);
  if (quad !== null) return (Number(quad[1]) - 18) * 65_536 + Number(quad[2]) * 256 + Number(quad[3]);
  const six = /^fd00:70:1::(?:([01]):)?([0-9a-f]{1,4})$/i.exec(ip);
  if (six === null || !isAddress(ip)) return undefined;
  return Number(six[1] ?? 0) * 65_536 + Number.parseInt(six[2] ?? "", 16);
}

function guarded<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new Fault({
      code: "names",
      message: "the workspace's file of synthetic addresses cannot be used",
      hint: "see that the state directory is writable and not full",
      cause,
    });
  }
}
