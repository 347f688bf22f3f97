#!/bin/sh
# Mistral Vibe: the gateway as its only provider, everything allowed, one prompt; its session lies in the output folder.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
mkdir -p "$HOME/.vibe"
cat >"$HOME/.vibe/config.toml" <<CONFIG
active_model = "gateway"
enable_telemetry = false
enable_update_checks = false
enable_auto_update = false
[[providers]]
name = "gateway"
api_base = "$GATEWAY_URL/v1"
api_key_env_var = "GATEWAY_TOKEN"
api_style = "openai"
backend = "generic"
[[models]]
name = "$MODEL"
provider = "gateway"
alias = "gateway"
CONFIG
export GATEWAY_TOKEN
exec "$AGENT_PREFIX/venv/bin/vibe" -p "$(cat "$PROMPT_PATH")" --output json --yolo --trust --output-dir "$output/sessions"
