// An organisation's policy on a machine of the test's own: a copy of /etc with the file, bound over it in a mount namespace.

import type { Stage } from "./stage.ts";

/** Words before a command. `policy`: lines of YAML. Needs user namespaces; `root`: the real one, which stays it. */
export function underOrganisation(stage: Stage, policy: string, root = false): readonly string[] {
  const file = stage.write("organisation.yaml", `version: 1\n${policy}`);
  const etc = `${stage.base}/etc`;
  const steps = [
    `mkdir -p ${etc}`,
    `cp -a /etc/. ${etc} 2>/dev/null || true`,
    `mkdir -p ${etc}/postern && cp ${file} ${etc}/postern/policy.yaml`,
    `mount --bind ${etc} /etc`,
    'exec "$@"',
  ];
  return ["unshare", root ? "-m" : "-Urm", "sh", "-c", steps.join("\n"), "sh"];
}
