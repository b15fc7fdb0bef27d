// `signing`: with which key git's commits and tags are signed outside.

import { z } from "zod";
import { onObjects } from "./objects.ts";
import * as v from "./vocabulary.ts";

/** A long key id, or a fingerprint of version 4, 5 or 6; short ids are anybody's to make. */
export const keyId = /^(?:0x)?(?:[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64})$/i;

export const signing = z
  .strictObject({
    format: z
      .enum(["ssh", "openpgp", "x509"])
      .meta({ description: "ssh where left out; openpgp: by gpg; x509: by gpgsm", examples: ["openpgp"] })
      .optional(),
    key: v.path.meta({
      description: "ssh: a key's file, or its public part where your agent has the rest; else a key's fingerprint",
      examples: ["~/.ssh/id_ed25519"],
    }),
    use: z
      .enum(["allow", "ask"])
      .meta({ description: "allow where left out; ask: you are asked about each", examples: ["ask"] })
      .optional(),
    ...v.answered,
  })
  .refine(({ format = "ssh", key }) => format === "ssh" || keyId.test(key), {
    ...onObjects,
    path: ["key"],
    message: "is not a key's fingerprint",
    params: {
      hint: "the 40 hexadecimal digits that gpg --list-secret-keys shows (gpgsm --list-secret-keys for x509)",
      example: "signing: { format: openpgp, key: 78D652F9A7BB7BF7E4E9A11F5EADBEBB3614A024 }",
    },
  });
