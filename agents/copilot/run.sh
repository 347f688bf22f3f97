#!/bin/sh
# Copilot CLI: the gateway as its provider, offline for all else, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
case $MODEL_FORM in
  anthropic) export COPILOT_PROVIDER_TYPE=anthropic COPILOT_PROVIDER_BASE_URL="$GATEWAY_URL" ;;
  *) export COPILOT_PROVIDER_BASE_URL="$GATEWAY_URL/v1" ;;
esac
export COPILOT_PROVIDER_API_KEY="$GATEWAY_TOKEN" COPILOT_MODEL="$MODEL" COPILOT_OFFLINE=true COPILOT_AUTO_UPDATE=false
"$AGENT_PREFIX/node_modules/@github/copilot-linux-$arch/copilot" -p "$(cat "$PROMPT_PATH")" \
  --allow-all-tools --allow-all-paths --no-color --output-format json
code=$?
cp -R "$HOME/.copilot/session-state" "$output/sessions"
exit "$code"
