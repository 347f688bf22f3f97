#!/bin/sh
# opencode: the gateway as its only provider, everything allowed, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
export OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 GATEWAY_TOKEN
OPENCODE_CONFIG_CONTENT=$(cat <<CONFIG
{
  "model": "gateway/$MODEL", "small_model": "gateway/$MODEL",
  "share": "disabled", "snapshot": false, "permission": { "*": "allow" },
  "provider": { "gateway": {
    "npm": "@ai-sdk/openai-compatible",
    "options": { "baseURL": "$GATEWAY_URL/v1", "apiKey": "{env:GATEWAY_TOKEN}" },
    "models": { "$MODEL": {} }
  } }
}
CONFIG
)
export OPENCODE_CONFIG_CONTENT
"$AGENT_PREFIX/node_modules/opencode-linux-x64/bin/opencode" run --format json --title migration "$(cat "$PROMPT_PATH")"
code=$?
mkdir -p "$output/sessions"
cp "$HOME"/.local/share/opencode/*.db* "$output/sessions"
exit "$code"
