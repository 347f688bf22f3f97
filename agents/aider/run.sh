#!/bin/sh
# aider: the gateway as its endpoint, no commits of its own, the files that name the source library, one message.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
bin=$AGENT_PREFIX/venv/bin
export OPENAI_API_BASE="$GATEWAY_URL/v1" OPENAI_API_KEY="$GATEWAY_TOKEN"
export ANTHROPIC_API_BASE="$GATEWAY_URL" ANTHROPIC_API_KEY="$GATEWAY_TOKEN" LITELLM_LOCAL_MODEL_COST_MAP=True
names=$("$bin/python" -I -c 'import json, os; print("|".join(n for s in json.load(open(os.environ["TASK_PATH"]))["source"] for n in s["importNames"]))')
set -f
IFS='
'
exec "$bin/aider" --model "$MODEL_FORM/$MODEL" --weak-model "$MODEL_FORM/$MODEL" --message "$(cat "$PROMPT_PATH")" \
  --edit-format diff --yes-always --no-auto-commits --no-dirty-commits --no-gitignore --no-auto-lint \
  --no-check-update --analytics-disable --no-show-model-warnings --no-show-release-notes --no-detect-urls \
  --no-suggest-shell-commands --no-pretty --no-fancy-input --chat-history-file "$output/chat.md" \
  --input-history-file "$HOME/input" --llm-history-file "$output/llm.txt" \
  $(git -c core.quotePath=false grep -lwE "$names" -- '*.py' '*.toml' '*.txt' '*.cfg')
