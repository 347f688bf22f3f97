#!/bin/sh
# Cline: told its provider by a command of its own, one task; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
cline=$AGENT_PREFIX/node_modules/@cline/cli-linux-x64/bin/cline
export CLINE_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1
"$cline" auth -p openai-compatible -k "$GATEWAY_TOKEN" -m "$MODEL" -b "$GATEWAY_URL/v1" || exit
"$cline" --json --auto-approve true "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.cline/data/sessions" "$output/sessions"
exit "$code"
