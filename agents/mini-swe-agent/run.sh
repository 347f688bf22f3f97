#!/bin/sh
# mini-swe-agent: the gateway as its endpoint, one task, its trajectory in the output folder.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
export OPENAI_API_BASE="$GATEWAY_URL/v1" OPENAI_API_KEY="$GATEWAY_TOKEN"
export ANTHROPIC_API_BASE="$GATEWAY_URL" ANTHROPIC_API_KEY="$GATEWAY_TOKEN"
export LITELLM_LOCAL_MODEL_COST_MAP=True MSWEA_CONFIGURED=true MSWEA_COST_TRACKING=ignore_errors
export MSWEA_SILENT_STARTUP=1 MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT=2
exec "$AGENT_PREFIX/venv/bin/mini" -m "$MODEL_FORM/$MODEL" -t "$(cat "$PROMPT_PATH")" -l 0 -y --exit-immediately \
  -o "$output/trajectory.json"
