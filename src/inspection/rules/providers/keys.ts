// Keys and credentials of no one provider: private keys, signed tokens, passwords in addresses and headers, wallets.

import { basicPair, jwt, octets, pemKey, putty } from "../checks.ts";
import { isBase58Check, isBech32 } from "../checksum.ts";
import { isAssignedSecret, isPassword } from "../generic.ts";
import { base64, byName, notAfter, of, ofBlock, url } from "../make.ts";
import type { Rule } from "../rule.ts";

const key = ofBlock("Key");
const wallet = of("Wallet");
const address = ofBlock("Address");
const http = ofBlock("HTTP");

const guess = { sure: "generic", guess: true } as const;

/** What a block's lines are made of, up to the next five hyphens: keys of 4,096 bits have 3,200 characters. */
const kind = "(?:[A-Z0-9]{2,12} )?(?:[A-Z0-9]{2,12} )?";
const block = "(?:[^-]|-(?!----)){60,16000}";

export const keys: readonly Rule[] = [
  // RFC 7468, RFC 1421 and OpenSSH's PROTOCOL.key; also as one line with \n in it
  key(
    "private-key",
    "private key in PEM",
    `-----BEGIN ${kind}PRIVATE KEY(?: BLOCK)?-----${block}-----END ${kind}PRIVATE KEY(?: BLOCK)?-----`,
    {
      keywords: ["-----begin "],
      check: pemKey,
    },
  ),
  // the same, in base64, as secrets of Kubernetes and of CI hold it
  key(
    "private-key-base64",
    "private key in PEM, in base64 once more",
    `${notAfter("0-9A-Za-z+/")}LS0tLS1CRUdJTi[0-9A-Za-z+/]{0,20}(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[0-9A-Za-z+/]{80,8000}={0,2}`,
    { keywords: ["ls0tls1crudjti"] },
  ),
  // putty's documentation, appendix C
  key(
    "putty-key",
    "PuTTY private key",
    "PuTTY-User-Key-File-[23]: [0-9a-z@.-]{4,40}\\s{1,4}Encryption: [0-9a-z-]{4,12}\\s(?:[^P\\0]|P(?!uTTY)){100,8000}?Private-(?:MAC|Hash): [0-9a-f]{40,64}",
    {
      keywords: ["putty-user-key-file-"],
      check: putty,
    },
  ),
  // wireguard.com, wg(8)
  key(
    "wireguard-key",
    "WireGuard private or preshared key",
    `(?:PrivateKey|PresharedKey) {0,4}= {0,4}(${base64(43)}=)`,
    {
      keywords: ["privatekey", "presharedkey"],
      group: 1,
      check: octets(32),
    },
  ),
  // github.com/FiloSottile/age, format
  wallet("age-key", "age identity", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", { check: isBech32 }),
  // NIP-19; BIP 32: extended private keys of Bitcoin and its kin; Tezos' secret seeds
  wallet("nostr-key", "Nostr private key", "nsec1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}", { check: isBech32 }),
  wallet("bip32-key", "extended private key", "[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}", {
    keywords: ["xprv", "yprv", "zprv", "tprv"],
    check: isBase58Check,
  }),
  wallet("tezos-key", "Tezos secret seed or key", "edsk(?:[1-9A-HJ-NP-Za-km-z]{94}|[1-9A-HJ-NP-Za-km-z]{50})", {
    check: isBase58Check,
  }),
  byName("Wallet")(
    "ethereum-key",
    "private key of an account",
    ["private_key", "privatekey", "deployer_key"],
    "0x[0-9a-fA-F]{64}",
  ),
  // RFC 7519; also without a signature a bearer's
  of("JWT")("jwt", "signed token", `eyJ${url("10,4000")}\\.eyJ${url("10,8000")}\\.${url("20,1500")}`, {
    keywords: ["eyj"],
    check: jwt,
  }),
  // RFC 3986 §3.2.1: a password in an address
  address(
    "address-password",
    "password in an address",
    "(?:https?|ftps?|sftp|ssh|wss?|socks5|smtps?|imaps?|ldaps?)://[^\\s/:@\"'`<>$%{}\\\\]{0,64}:([^\\s/:@\"'`<>{}$\\\\]{6,128})@[0-9A-Za-z[]",
    {
      keywords: [
        "http://",
        "https://",
        "ftp://",
        "ftps://",
        "sftp://",
        "ssh://",
        "ws://",
        "wss://",
        "socks5://",
        "smtp://",
        "smtps://",
        "imap://",
        "imaps://",
        "ldap://",
        "ldaps://",
      ],
      group: 1,
      entropy: 2.4,
      likely: isPassword,
    },
  ),
  address(
    "database-password",
    "password in a database's address",
    "(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\\+srv)?|redis|rediss|amqps?|mssql|sqlserver|clickhouse|cockroachdb)(?:\\+[0-9a-z]{2,12})?://[^\\s/:@\"'`<>$%{}\\\\]{0,64}:([^\\s/:@\"'`<>{}$\\\\]{4,128})@[0-9A-Za-z[]",
    {
      keywords: [
        "postgres",
        "mysql",
        "mariadb",
        "mongodb",
        "redis",
        "amqp",
        "mssql",
        "sqlserver",
        "clickhouse",
        "cockroachdb",
      ],
      group: 1,
      entropy: 2,
      likely: isPassword,
    },
  ),
  // RFC 7617 and RFC 6750
  http(
    "basic-authorization",
    "name and password of the Basic scheme",
    "[aA]uthorization\\\\?[\"']?[:=,] {0,2}\\\\?[\"']?[bB]asic ([0-9A-Za-z+/]{12,1500}={0,2})(?![0-9A-Za-z+/=])",
    {
      keywords: ["authorization"],
      group: 1,
      check: basicPair,
    },
  ),
  {
    ...http(
      "bearer-authorization",
      "token of the Bearer scheme",
      "[aA]uthorization\\\\?[\"']?[:=,] {0,2}\\\\?[\"']?[bB]earer ([0-9A-Za-z._~+/=-]{20,4000})",
      {
        keywords: ["authorization"],
        group: 1,
        entropy: 3.4,
      },
    ),
    ...guess,
  },
  // netrc(5)
  ofBlock("netrc")(
    "netrc-password",
    "password in a netrc file",
    "machine\\s{1,4}[^\\s]{1,128}\\s{1,8}login\\s{1,4}[^\\s]{1,128}\\s{1,8}password\\s{1,4}([^\\s\"'$]{6,256})",
    {
      keywords: ["machine"],
      group: 1,
      entropy: 2.4,
      likely: isPassword,
    },
  ),
  // what people call a secret and give something that looks like one (generic.ts)
  {
    ...byName("Anything")(
      "assigned-secret",
      "something random assigned to a name of secrets",
      [
        "api_key",
        "apikey",
        "api-key",
        "secret",
        "token",
        "password",
        "passwd",
        "pwd",
        "access_key",
        "accesskey",
        "auth_key",
        "credential",
      ],
      "[0-9A-Za-z_+/.~!@#%^&*-]{12,200}={0,2}",
    ),
    entropy: 3.5,
    guess: true,
    likely: isAssignedSecret,
  },
];
