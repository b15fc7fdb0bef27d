#!/bin/sh
# Run by the builder of a dev container, as root: installs postern with the Node that is there, and what its boundary is
# built with. Writes nothing into anybody's home: `postern setup` does that, when a person says so.
set -eu

refuse() {
  echo "postern: $1" >&2
  echo "postern: hint: $2" >&2
  exit 1
}

node=$(node --version 2>/dev/null) || node=none
case $node in
v24.1[5-9].* | v24.[2-9][0-9].* | v2[5-9].* | v[3-9][0-9].*) ;;
*) refuse "it needs Node 24.15 or newer, and here is $node" 'add "ghcr.io/devcontainers/features/node:1": { "version": "24" }' ;;
esac

npm install --global --no-fund --no-audit "${PACKAGE:-postern}"
bash "$(npm root --global)/postern/scripts/setup" --run
postern --version >/dev/null || refuse "it was installed and cannot be started" "see that npm's global programs are in PATH: npm prefix --global"
