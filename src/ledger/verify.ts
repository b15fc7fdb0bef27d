// Is this the record that was written? A state directory enters, and whatever was kept elsewhere; what holds, or the first
// flaw and its place, leaves. Needs none of the code that writes a record: only its formats, SQLite and SHA-256.

import type { DatabaseSync } from "node:sqlite";
import { Fault } from "../domain/fault.ts";
import { type Anchor, readAnchorFile } from "./anchor.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { readSmallFile } from "./file.ts";
import { Keyring } from "./keyring.ts";
import { checkNote, parseVerifier, type Verifier } from "./note.ts";
import { type Places, placesIn } from "./places.ts";
import { openStoreForReading } from "./reading.ts";
import { type Invalid, invalid, type Verification } from "./verification.ts";
import { type Milestone, Walk } from "./walk.ts";

export interface VerifyOptions {
  /** Text of an older checkpoint of this record, kept elsewhere. Attacker-controlled. */
  readonly head?: string | undefined;
  /** The result must hold entries of this session. */
  readonly session?: string | undefined;
  /** Also open everything sealed whose key is here: slower. */
  readonly contents?: boolean | undefined;
}

/** Rejects with a BookFault (`absent`) where there is no record; everything found wrong is a value. */
export async function verify(state: string, options: VerifyOptions = {}): Promise<Verification> {
  const places = placesIn(state);
  const anchor = readAnchorFile(places.lock); // before the store: a writer moves the store first
  let database: DatabaseSync | undefined;
  try {
    database = openStoreForReading(places.store);
    return await verifyStore(database, { places, options, anchor });
  } catch (error) {
    return damage(error);
  } finally {
    database?.close();
  }
}

interface Known {
  readonly places: Places;
  readonly options: VerifyOptions;
  readonly anchor: Anchor | undefined;
}

async function verifyStore(database: DatabaseSync, { places, options, anchor }: Known): Promise<Verification> {
  const verifier = parseVerifier((readSmallFile(places.verifier) ?? "").trim());
  if (verifier === undefined) return invalid("key", "the record's verifier key is missing or malformed");
  const head = options.head === undefined ? undefined : readHead(options.head, verifier);
  if (head !== undefined && "kind" in head) return head;
  const milestones = [
    ...(head === undefined ? [] : [forked(head)]),
    ...(anchor === undefined ? [] : [replaced(anchor)]),
  ];
  const keyring = new Keyring(places.keyring);
  keyring.refresh();
  database.exec("BEGIN"); // one moment of the record, whatever is appended meanwhile
  const contents = options.contents === true;
  const walk = new Walk(database, { verifier, milestones, openKey: (kid) => keyring.find(kid), contents });
  const flaw = (await walk.run()) ?? checkReach(walk, head, anchor) ?? checkSession(walk, options.session);
  return flaw ?? describe(walk, verifier, head);
}

/** A head kept elsewhere is only worth something if this log's key signed it. */
function readHead(text: string, verifier: Verifier): Checkpoint | Invalid {
  const head = parseCheckpoint(text);
  if (head === undefined) return invalid("origin", "the head kept elsewhere is not a checkpoint");
  if (head.origin !== verifier.name) return invalid("origin", "the head kept elsewhere is of another log");
  if (checkNote(head.note, verifier) === "good") return head;
  return invalid("key", "the head kept elsewhere was not signed by the key this record now names");
}

function forked({ size, root }: Checkpoint): Milestone {
  const sentence = `the first ${size} entries are not those the head kept elsewhere was signed over`;
  return { size, root, otherwise: invalid("fork", sentence, 0, size) };
}

function replaced({ size, root }: Anchor): Milestone {
  const sentence = `the first ${size} entries are not those this host signed last`;
  return { size, root, otherwise: invalid("fork", sentence, 0, size) };
}

function checkReach(walk: Walk, head: Anchor | undefined, anchor: Anchor | undefined): Invalid | undefined {
  const { size } = walk.frontier;
  if (head !== undefined && head.size > size)
    return cutShort(size, head.size, "the head kept elsewhere was signed over");
  if (anchor !== undefined && anchor.size > size) return cutShort(size, anchor.size, "this host had signed");
  return undefined;
}

function cutShort(size: number, signed: number, whose: string): Invalid {
  return invalid("rollback", `the record ends after ${size} entries; ${whose} ${signed}`, size, signed);
}

function checkSession({ sessions }: Walk, session: string | undefined): Invalid | undefined {
  if (session === undefined || sessions.has(session)) return undefined;
  return invalid("session", "the record has no entry of that session");
}

function describe(walk: Walk, { name, text }: Verifier, head: Anchor | undefined): Verification {
  const { frontier, heads, sessions, sealed } = walk;
  return {
    kind: "ok",
    origin: name,
    vkey: text,
    size: frontier.size,
    root: frontier.root().toString("base64"),
    heads: heads.count,
    sessions,
    sealed: { open: sealed.open, closed: sealed.closed, gone: sealed.gone },
    continues: head?.size,
  };
}

/** What SQLite cannot read is a flaw of the record; anything else that fails is our own failure. */
function damage(error: unknown): Invalid {
  if (error instanceof Fault && error.code === "damaged") return invalid("store", error.message);
  if (!(error instanceof Error && "code" in error)) throw error;
  if (error.code === "ERR_SQLITE_ERROR" || error.code === "ERR_OUT_OF_RANGE")
    return invalid("store", `the record's file is damaged: ${error.message}`);
  throw error;
}
