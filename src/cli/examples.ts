// What stands below a command's flags in its help: lines that can be typed, and what one has to know. By the command's
// whole name; 80 columns.

export const examples: Readonly<Record<string, string>> = {
  "postern setup": `
  postern setup                shows what it would write, then asks
  postern setup claude codex   these alone
  postern setup --undo         takes away what it wrote, and nothing else

It writes a small script for each tool into a directory of Postern's own, and a
marked block at the end of your shell's start file that puts this directory
first on PATH. A tool started by its full path, or where PATH is another, is not
led inside; to run one outside for once, type its full path: setup lists it.`,

  "postern demo": `
  postern demo                 some ten seconds, no account, no network
  postern demo --keep          and look at what it left`,

  "postern doctor": `
  postern doctor               what is missing, and the command that mends it
  postern doctor --json | jq -r 'select(.ok | not) | .remedy'`,

  "postern status": `
  postern status
  postern status --json | jq -r .session

Requests and refusals are those entered so far.`,

  "postern disclosures": `
  postern disclosures                    of the checkout you are in
  postern disclosures src/pay --lines    range by range, with its entry
  postern disclosures --json | jq -r .file

From the record alone: what a request held when it left, as it was recognised
then (docs/spec/source-fingerprints.md says what is not). What was refused
disclosed nothing. Lines that only the model is said to have written are apart.`,

  "postern stop": `
  postern stop                 the only session that runs
  postern stop s-7Q4M2X9K      one of several: postern status lists them
  postern stop --all

The tool and all it started are ended at once; what changed is swept and can be
undone, and the end is an entry. Its postern run ends with 124.`,

  "postern pending": `
  postern pending
  postern pending --json | jq -r .id

The command that is asked about has failed already; tried again, it begins where
somebody said yes meanwhile.`,

  "postern approve": `
  postern approve q-7Q4M2X9K   the next try of that very command, once`,

  "postern deny": `
  postern deny q-7Q4M2X9K      without a word, a question expires as a no`,

  "postern logins": `
  postern logins                        which are kept, and until when
  postern logins --forget claude-code   log out, in the checkout you stand in
  postern logins --forget codex --all   in every checkout
  postern logins --json | jq -r .tool

You log in inside, once for each tool and checkout, where your policy says
from: { login: TOOL }. A tool that runs is told that it is logged out, and asks
you to log in. Its server is not told. This machine's own login (of: host) is
ended with the tool outside.`,

  "postern trust": `
  postern trust                the checkout you stand in
  postern trust ~/src/shop

What a repository's postern.yaml asks for beyond being stricter does not count
until you have said so, and only as long as the file stays as it is.`,

  "postern policy": `
  postern policy init          a first policy, commented
  postern policy check         is it valid, and what is in force here
  postern policy learn --from s-7Q4M2X9K
                               one that explains what a session did`,

  "postern policy check": `
  postern policy check                 the policies in force here, joined
  postern policy check postern.yaml    one file alone`,

  "postern policy init": `
  postern policy init                  yours: ~/.config/postern/policy.yaml
  postern policy init --tool codex     with that tool's hosts to begin with
  postern policy init --repository     postern.yaml, for all who work here`,

  "postern policy learn": `
  postern run --mode audit -- claude              let it work, all recorded
  postern policy learn --from s-7Q4M2X9K --out ~/claude.yaml
  postern run --policy ~/claude.yaml -- claude    nothing else passes

It grants what was seen: each host exactly, each path, with its methods; what
has the shape of an id is a * in its segment. What looks like telemetry, an
update or a login is written behind a #, for you to take over. Read it: what
was asked for, the tool chose.`,

  "postern policy schema": `
  postern policy schema > ~/.config/postern/schema.json

and in the first line of the policy, for editors that know YAML schemas:

  # yaml-language-server: $schema=schema.json`,

  "postern completion": `
bash, in ~/.bashrc:           source <(postern completion bash)
zsh, in ~/.zshrc (compinit):  source <(postern completion zsh)
fish, in config.fish:         postern completion fish | source

  postern completion bash > ~/.local/share/bash-completion/completions/postern`,
};
