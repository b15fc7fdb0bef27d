// Names → synthetic addresses, one each, for a workspace's whole life: chosen by a salted hash, kept in a file that only
// grows. Sessions of one workspace share the file; whoever's line stands first in it has the address, so each writes, reads
// back, and goes on looking where it came second. Nothing here is ever routed beyond the tool's own namespace.

import { createHmac } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { type Host, isAddress, parseHost } from "../../domain/brand.ts";
import { orFault } from "../../domain/fault.ts";

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
  const book = guarded(() => new AddressFile(file, salt, size));
  return {
    give: (name) =>
      guarded(() => {
        const index = book.indexOf(name);
        return index === undefined ? undefined : pairAt(index);
      }),
    knows: (name) => book.byName.has(name),
    nameOf: (ip) => {
      const index = indexOf(ip);
      return index === undefined ? undefined : book.byIndex.get(index);
    },
    close: () => book.close(),
  };
}

class AddressFile {
  readonly byName = new Map<Host, number>();
  readonly byIndex = new Map<number, Host>();
  readonly #handle: number;
  readonly #salt: string;
  readonly #size: number;
  /** How far it has been read, and what stood there after the last line's end. */
  #read = 0;
  #rest = "";

  constructor(file: string, salt: string, size: number) {
    this.#handle = openSync(file, "a+", 0o600);
    this.#salt = salt;
    this.#size = size;
    this.#learn();
  }

  close(): void {
    closeSync(this.#handle);
  }

  indexOf(name: Host): number | undefined {
    if (!this.byName.has(name)) this.#learn();
    return this.byName.get(name) ?? this.#claim(name);
  }

  #learn(): void {
    const end = fstatSync(this.#handle).size;
    while (this.#read < end) {
      const chunk = Buffer.alloc(Math.min(end - this.#read, 1 << 20));
      const got = readSync(this.#handle, chunk, 0, chunk.length, this.#read);
      if (got === 0) return;
      this.#read += got;
      const lines = (this.#rest + chunk.toString("latin1", 0, got)).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
  }

  /** First come: a later line for a taken index or a known name counts for nothing. */
  #take(line: string): void {
    const [number = "", text = "", more] = line.split(" ");
    const name = parseHost(text);
    const index = /^[0-9]{1,6}$/.test(number) ? Number(number) : 0;
    if (name === undefined || more !== undefined || index < 1 || index > this.#size) return;
    if (this.byName.has(name) || this.byIndex.has(index)) return;
    this.byName.set(name, index);
    this.byIndex.set(index, name);
  }

  #claim(name: Host): number | undefined {
    const start = createHmac("sha256", this.#salt).update(name).digest().readUIntBE(0, 6) % this.#size;
    for (let step = 0; step < this.#size; step += 1) {
      const index = 1 + ((start + step) % this.#size);
      if (this.byIndex.has(index)) continue;
      // a line is one write, appended whole; the leading break ends one that a killed session left half written
      writeSync(this.#handle, `\n${index} ${name}\n`);
      this.#learn();
      const won = this.byName.get(name);
      if (won !== undefined) return won;
      // neither ours nor anybody's: the line did not get into the file whole
      if (!this.byIndex.has(index)) throw new Error("the line written was not read back");
    }
    return undefined;
  }
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
  const message = "the workspace's file of synthetic addresses cannot be used";
  return orFault({ code: "names", message, hint: "see that the state directory is writable and not full" }, work);
}
