// What git inside may ask of this machine: to reach a remote over ssh with the person's own key, and to sign a commit or tag
// with it; the key is never inside. The words between who reads the request, who judges it, who starts ssh, who carries the bytes.

import type { Readable, Writable } from "node:stream";
import type { Host } from "./brand.ts";
import type { Address } from "./exchange.ts";
import type { Answer, AskPush, PushPlace, PushRead } from "./push.ts";
import type { Purpose } from "./reach.ts";

/**
 * Where inside the desk is: the first address of the range that our made-up ones come from (RFC 2544), which no name is ever
 * given. Every address leads to the gateway, so nothing listens there.
 */
export const deskAddress: Address = { ip: "198.18.0.0", port: 9418 };

/** The third is git-lfs's: it asks for what large files are to be asked for with over https (its docs/api/authentication.md). */
export type GitService = "git-upload-pack" | "git-receive-pack" | "git-lfs-authenticate";

/** Everything in it is attacker-controlled, and was read strictly. */
export interface SshRequest {
  readonly host: Host;
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly service: GitService;
  /** Of large files, and of nothing else. */
  readonly operation?: "download" | "upload" | undefined;
  /** As the server is to be asked for it: `team/one.git`, `/srv/one.git`. */
  readonly repository: string;
  /** `version=2` (gitprotocol-v2(5)). */
  readonly version: string | undefined;
}

export interface SshVerdict {
  readonly kind: "allow" | "refuse";
  readonly rule: string;
  /** Lower case, no full stop. */
  readonly reason: string;
  readonly purpose: Purpose;
  /** What is to become of a push, once it is read. */
  readonly push: "allow" | "ask";
  /** What ssh is to be started with: of the policy's own words but for service, repository and version. */
  readonly order: SshOrder | undefined;
}

export interface SshOrder extends Pick<SshRequest, "service" | "operation" | "repository" | "version"> {
  readonly host: Host;
  readonly port: number;
  readonly user: string;
  /** A key's file; the person's own configuration and agent where absent. */
  readonly key: string | undefined;
}

/** A program of this machine's, started. */
export interface Started {
  readonly input: Writable;
  readonly output: Readable;
  /** What it said on standard error so far, bounded. */
  readonly complaint: () => string;
  /** Its exit code; 255 where it could not be started, or was ended by a signal. Never rejects. */
  readonly ended: Promise<number>;
  /** With all it started. Idempotent. */
  readonly kill: () => void;
}

export interface PushReading {
  /** `more`: hold what came. */
  readonly add: (chunk: Buffer) => { readonly kind: "more" } | Unplaced;
}
/** A push without its repository, which was said before. */
type Unplaced = Exclude<PushRead, { kind: "push" }> | Omit<Extract<PushRead, { kind: "push" }>, "repository">;

export interface SshDesk {
  /** The words git would start ssh with → a request, or why it is none. */
  readonly parse: (words: readonly string[], version: string | undefined) => SshRequest | string;
  readonly judge: (request: SshRequest) => SshVerdict;
  readonly openPush: () => PushReading;
  readonly ask: AskPush;
  /** Before large files may be sent there, and nobody knows yet which. */
  readonly askUpload: (rule: string, place: PushPlace) => Answer;
  /** What is handed out there for large files, for this operation → what the tool may have of it, or why it may not. Server-controlled. */
  readonly takePass: (answer: Buffer, order: Pick<SshOrder, "host" | "operation">) => Buffer | string;
  readonly start: (order: SshOrder) => Started;
}

/** As git calls them (git-config(1), gpg.format). */
export type SigningFormat = "ssh" | "openpgp" | "x509";

/** What is to be signed, read. */
export interface SignedObject {
  readonly kind: "commit" | "tag";
  /** The whole of it, as it will be signed. Attacker-controlled. */
  readonly text: string;
  /** The first line of its message. */
  readonly subject: string;
}

export interface SigningDesk {
  /** Of the policy: `user:signing`. */
  readonly rule: string;
  /** The words git would start its signing program with: a signature for git, and nothing else, is asked for. */
  readonly isForGit: (words: readonly string[]) => boolean;
  /** Bytes git wants signed → a commit or tag, or why they are neither. */
  readonly parse: (bytes: Buffer) => SignedObject | string;
  /** Asked again with the same object, it answers about the same question. */
  readonly ask: (object: SignedObject) => Answer;
  /** Signs what is written to it, for git alone; the signature is its output. */
  readonly start: () => Started;
  /** Told why a signature that might have been made was not, in the program's own words. */
  readonly failed: (complaint: string) => void;
}

/** What a gate is given to serve git with. */
export interface GitDesk {
  readonly ssh: SshDesk | undefined;
  readonly signing: SigningDesk | undefined;
}
