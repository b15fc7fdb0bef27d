// Where the record lies inside a state directory. The vault's keys and names are apart from the record, so that a copy
// or a backup of the one does not take the other along.

export interface Places {
  readonly record: string;
  /** The store: leaves, hashes, heads, ciphertexts. */
  readonly store: string;
  /** The file every writer locks; it holds the last head that was signed (anchor.ts). */
  readonly lock: string;
  /** The log's signing key, one line, 0600. */
  readonly signer: string;
  /** The log's verifier key, one line. */
  readonly verifier: string;
  readonly vault: string;
  /** Keys of what is sealed, 0600. */
  readonly keyring: string;
  /** Pseudonym → name, 0600. */
  readonly names: string;
}

export function placesIn(state: string): Places {
  const record = `${state}/record`;
  const vault = `${state}/vault`;
  return {
    record,
    store: `${record}/record.db`,
    lock: `${record}/lock`,
    signer: `${record}/log.key`,
    verifier: `${record}/log.vkey`,
    vault,
    keyring: `${vault}/keys.json`,
    names: `${vault}/names.json`,
  };
}
