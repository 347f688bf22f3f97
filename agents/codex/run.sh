#!/bin/sh
# Codex: the gateway as its only provider, its own sandbox off (it is in one), one prompt; then its sessions are kept.
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && output=$2
  shift
done
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
for codex in "$AGENT_PREFIX/node_modules/@openai/codex-linux-$arch"/vendor/*/*/codex; do :; done
export GATEWAY_TOKEN
"$codex" exec --json --ignore-user-config --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox \
  --disable plugins --disable apps -c analytics.enabled=false -m "$MODEL" -c 'model_provider="gateway"' \
  -c "model_providers.gateway={name=\"gateway\",base_url=\"$GATEWAY_URL/v1\",env_key=\"GATEWAY_TOKEN\",wire_api=\"responses\",request_max_retries=2,stream_max_retries=1}" \
  "$(cat "$PROMPT_PATH")"
code=$?
cp -R "$HOME/.codex/sessions" "$output/sessions"
exit "$code"
