#!/usr/bin/env bash
# Installs what the tests need (packages, container engine, base image), then types, lint and all tests.
# Ends with the line "N passed, N failed". Needs root for the engine where none answers yet.
set -uo pipefail
cd "$(dirname "$0")/.."
fatal() { echo "test: $*" >&2; echo "0 passed, 1 failed"; exit 1; }
[ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error || fatal "npm ci failed"
own_engine=no
checks=$(mktemp -d)
finish() {
  [ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null
  rm -rf "$checks"
  [ "$own_engine" = no ] || scripts/engine.sh stop
}
trap finish EXIT
# beside the engine and its image, which mostly wait for packages
npm run --silent types >"$checks/types" 2>&1 &
types=$!
npm run --silent lint >"$checks/lint" 2>&1 &
lint=$!
eval "$(scripts/engine.sh env)"
if ! scripts/engine.sh answers; then
  scripts/engine.sh start || fatal "no container engine could be started: scripts/engine.sh says why"
  eval "$(scripts/engine.sh env)"
  own_engine=yes
fi
scripts/base-image.sh || fatal "the base image could not be made"
export MIG_REQUIRE_ENGINE=1
failed_checks=0
wait "$types" || failed_checks=$((failed_checks + 1))
wait "$lint" || failed_checks=$((failed_checks + 1))
cat "$checks/types" "$checks/lint"
results=$checks/results.json
node scripts/build.mjs --no-types || fatal "the bundle does not build"
npx vitest run --reporter=default --reporter=json --outputFile.json="$results" "$@"
node scripts/test-totals.mjs "$results" "$failed_checks"
