#!/bin/sh
# gptme: the gateway as its local server, nothing asked, one prompt; then its conversation is kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
export OPENAI_BASE_URL="$GATEWAY_URL/v1" OPENAI_API_KEY="$GATEWAY_TOKEN"
"$AGENT_PREFIX/venv/bin/gptme" -n -m "local/$MODEL" --tool-format tool -w . "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.local/share/gptme/logs" "$output/sessions"
exit "$code"
