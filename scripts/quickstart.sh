#!/usr/bin/env bash
# From a fresh clone to a first measured migration: installs and builds the tool, makes the base image where an
# engine answers, then migrates a real package with the built-in rule-based agent. Further words go to `run`.
set -euo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS
[ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error
[ -f dist/cli.js ] || npm run --silent build
# An engine that scripts/engine.sh started earlier counts as one that answers.
eval "$(scripts/engine.sh env)"
if scripts/engine.sh answers; then
  scripts/base-image.sh
else
  echo "quickstart: no container engine answers: the local runtime is used (scripts/engine.sh start makes one, as root)" >&2
fi
echo "quickstart: ready after $((SECONDS - started)) s" >&2
node dist/cli.js run "${1:-vulture}" "${@:2}"
echo "quickstart: $((SECONDS - started)) s in all" >&2
