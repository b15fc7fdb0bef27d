// The Merkle tree of RFC 6962 §2.1 over SHA-256: leaf bytes enter, hashes and roots leave. The frontier is what an
// append needs to know of everything before it: the roots of the perfect subtrees, largest first.

import { hash } from "node:crypto";

export const hashBytes = 32;
/** Root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Buffer = hash("sha256", Buffer.alloc(0), "buffer");

const leafPrefix = Buffer.of(0);

export function hashLeaf(leaf: Uint8Array): Buffer {
  return hash("sha256", Buffer.concat([leafPrefix, leaf]), "buffer");
}

const scratch = Buffer.alloc(1 + 2 * hashBytes, 1);

export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  scratch.set(left, 1);
  scratch.set(right, 1 + hashBytes);
  return hash("sha256", scratch, "buffer");
}

export class Frontier {
  #size: number;
  readonly #nodes: Buffer[];

  private constructor(size: number, nodes: Buffer[]) {
    this.#size = size;
    this.#nodes = nodes;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** From the bytes of `serialise`; undefined where they cannot be the frontier of a tree of that size. */
  static parse(size: number, bytes: Uint8Array): Frontier | undefined {
    if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== popcount(size) * hashBytes) return undefined;
    const nodes: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += hashBytes) nodes.push(Buffer.from(bytes.subarray(at, at + hashBytes)));
    return new Frontier(size, nodes);
  }

  get size(): number {
    return this.#size;
  }

  /** Takes in the next leaf's hash. */
  push(leafHash: Uint8Array): void {
    let node: Uint8Array = leafHash;
    // every trailing one bit of the size is a perfect subtree this leaf completes a larger one with; no bit operators: sizes pass 2^31
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#nodes.pop();
      if (left === undefined) throw new Error("frontier shorter than its size says");
      node = hashNode(left, node);
    }
    this.#nodes.push(Buffer.from(node));
    this.#size += 1;
  }

  root(): Buffer {
    const [last, ...rest] = this.#nodes.toReversed();
    if (last === undefined) return emptyRoot;
    return rest.reduce((right, left) => hashNode(left, right), last);
  }

  serialise(): Buffer {
    return Buffer.concat(this.#nodes);
  }
}

function popcount(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
