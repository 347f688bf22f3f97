#!/bin/sh
# Claude Code: the gateway as its endpoint, nothing else asked for, one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
export ANTHROPIC_BASE_URL="$GATEWAY_URL" ANTHROPIC_AUTH_TOKEN="$GATEWAY_TOKEN"
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 DISABLE_TELEMETRY=1 CLAUDE_CODE_MAX_RETRIES=2
# root may be told to skip permissions too
export IS_SANDBOX=1
# no call asks for another model
export ANTHROPIC_DEFAULT_HAIKU_MODEL="$MODEL" ANTHROPIC_DEFAULT_SONNET_MODEL="$MODEL" ANTHROPIC_DEFAULT_OPUS_MODEL="$MODEL"
export ANTHROPIC_SMALL_FAST_MODEL="$MODEL" CLAUDE_CODE_SUBAGENT_MODEL="$MODEL"
"$AGENT_PREFIX/node_modules/@anthropic-ai/claude-code-linux-$arch/claude" -p "$(cat "$PROMPT_PATH")" \
  --dangerously-skip-permissions --output-format stream-json --verbose --model "$MODEL"
code=$?
cp -R "$HOME/.claude/projects" "$output/sessions"
exit "$code"
