// Settings of what runs outside, in a tree of the tool's: by themselves or by a link.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Host } from "../domain/brand.ts";
import type { NetworkGrant } from "../domain/reach.ts";
import { objectToOutsideSettings } from "./outside-settings.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "postern-outside-settings-")));
after(() => rmSync(base, { recursive: true }));
const [home, work] = [join(base, "home"), join(base, "dotfiles")];
for (const path of [join(home, ".ssh"), join(home, ".gnupg"), work]) mkdirSync(path, { recursive: true });

const host: NetworkGrant["host"] = { kind: "exact", name: "git.example" as Host };
const ssh: NetworkGrant = {
  ...{ id: "user:network.allow[0]", host, ports: [22], methods: undefined, paths: undefined },
  ...{ upstream: undefined, purpose: "other", why: undefined, protocol: "ssh" },
};
const signing = { rule: "user:signing", format: "openpgp", key: "AB", use: "allow" } as const;

function said(environment: Readonly<Record<string, string>>, granted = { network: [ssh], signing }): string {
  return (
    objectToOutsideSettings(granted, [work], { directory: base, environment, home, account: home })?.message ??
    "nothing"
  );
}

test("ssh's and gpg's own, by a link into the checkout; and only where the policy has them run", () => {
  assert.equal(said({}), "nothing");
  for (const [name, by] of [
    [".ssh/config", ssh.id],
    [".ssh/known_hosts", ssh.id],
    [".gnupg/gpg.conf", signing.rule],
    [".gnupg/gpg-agent.conf", signing.rule],
  ] as const) {
    const kept = join(work, name.replaceAll("/", "-"));
    writeFileSync(kept, "");
    symlinkSync(kept, join(home, name));
    assert.ok(
      said({}).startsWith(`${by}: ${work} would be writable inside, and with it ${join(home, name)}`),
      said({}),
    );
    assert.equal(objectToOutsideSettings({ network: [], signing: undefined }, [work], around({})), undefined);
    rmSync(join(home, name));
  }
  // a link among the tool's that leads out again is the tool's to lead elsewhere
  writeFileSync(join(base, "config"), "");
  symlinkSync(join(base, "config"), join(work, "link"));
  symlinkSync(join(work, "link"), join(home, ".ssh/config"));
  assert.match(said({}), /\.ssh\/config/);
  rmSync(join(home, ".ssh/config"));
  mkdirSync(join(work, "gnupg"));
  assert.match(said({ GNUPGHOME: join(work, "gnupg") }), /^user:signing: .*gnupg/);
});

test("authorities that the caller's variables name", () => {
  writeFileSync(join(work, "ca.pem"), "");
  writeFileSync(join(base, "ca.pem"), "");
  for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
    assert.match(said({ [name]: join(work, "ca.pem") }), new RegExp(`^${name}: .*whom we trust`));
    assert.match(said({ [name]: "dotfiles/ca.pem" }), new RegExp(`^${name}: `));
    for (const path of [join(base, "ca.pem"), join(work, "none.pem"), ""])
      assert.equal(said({ [name]: path }), "nothing");
  }
});

const around = (environment: Readonly<Record<string, string>>) => ({
  directory: base,
  environment,
  home,
  account: home,
});
