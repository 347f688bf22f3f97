#!/bin/sh
# Kilo: the gateway as its only provider, everything allowed, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
mkdir -p "$HOME/.config/kilo"
cat >"$HOME/.config/kilo/kilo.json" <<CONFIG
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
export KILO_DISABLE_MODELS_FETCH=1 KILO_DISABLE_AUTOUPDATE=1 KILO_TELEMETRY_LEVEL=off GATEWAY_TOKEN
"$AGENT_PREFIX/node_modules/@kilocode/cli-linux-x64/bin/kilo" run --auto --format json "$(cat "$PROMPT_PATH")"
code=$?
mkdir -p "$output/sessions"
cp "$HOME"/.local/share/kilo/*.db* "$output/sessions"
exit "$code"
