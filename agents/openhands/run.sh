#!/bin/sh
# OpenHands: the gateway as its endpoint, one task; then its conversations are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
case $MODEL_FORM in
  anthropic) export LLM_BASE_URL="$GATEWAY_URL" ;;
  *) export LLM_BASE_URL="$GATEWAY_URL/v1" ;;
esac
export LLM_API_KEY="$GATEWAY_TOKEN" LLM_MODEL="$MODEL_FORM/$MODEL"
"$AGENT_PREFIX/venv/bin/openhands" --headless --json --override-with-envs -t "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.openhands/conversations" "$output/sessions"
exit "$code"
