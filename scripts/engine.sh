#!/usr/bin/env bash
# A container engine for machines that have none (Debian or Ubuntu, as root):
#   start    installs docker.io, debootstrap and bubblewrap where missing, starts a private engine, waits for it
#   stop     ends its containers and the engine whole
#   status   says which engine answers
#   env      prints "export DOCKER_HOST=..." when an engine answers at a place that the docker client does not look at
#   answers  exit code 0 when an engine answers
# Where an engine answers already (DOCKER_HOST, the usual socket), start and stop do nothing. The private engine
# keeps everything below ENGINE_ROOT (/var/lib/mig-pipeline-engine) and listens at ENGINE_SOCKET only.
set -euo pipefail

engine_root=${ENGINE_ROOT:-/var/lib/mig-pipeline-engine}
engine_socket=${ENGINE_SOCKET:-unix:///run/mig-pipeline/engine/docker.sock}
socket_file=${engine_socket#unix://}
run_dir=$(dirname "$socket_file")
pid_file=$run_dir/dockerd.pid
log_file=$engine_root/dockerd.log
usual_socket=unix:///var/run/docker.sock

say() { echo "engine: $*" >&2; }

# ping ADDRESS: does an engine answer there within two seconds?
ping() {
  case $1 in
    unix://*) [ -S "${1#unix://}" ] || return 1 ;;
    ssh://*) DOCKER_HOST=$1 timeout 10 docker version >/dev/null 2>&1; return ;;
  esac
  ADDRESS=$1 timeout 5 node -e '
    const address = process.env.ADDRESS, unix = address.startsWith("unix://");
    const where = unix ? { socketPath: address.slice(7) } : (({ hostname, port }) => ({ host: hostname, port }))(new URL(address));
    const request = require("http").get({ ...where, path: "/_ping", timeout: 2000 }, (r) => process.exit(r.statusCode === 200 ? 0 : 1));
    request.on("timeout", () => process.exit(1)).on("error", () => process.exit(1));'
}

# The first address that answers: DOCKER_HOST alone where it is set, else the usual socket, else the private engine.
find_engine() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    ping "$DOCKER_HOST" && echo "$DOCKER_HOST"
    return
  fi
  for address in "$usual_socket" "$engine_socket"; do
    if ping "$address"; then echo "$address"; return; fi
  done
  return 1
}

install_packages() {
  local wanted=()
  command -v dockerd >/dev/null || wanted+=(docker.io)
  command -v debootstrap >/dev/null || wanted+=(debootstrap)
  command -v bwrap >/dev/null || wanted+=(bubblewrap)
  command -v iptables >/dev/null || wanted+=(iptables)
  [ ${#wanted[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || { say "cannot install ${wanted[*]}: no apt-get here"; exit 3; }
  say "installing ${wanted[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # A package's own service must not be started beside ours, and is not needed.
  local policy=/usr/sbin/policy-rc.d made_policy=no
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made_policy=yes; fi
  local log; log=$(mktemp)
  if ! apt-get install -y --no-install-recommends "${wanted[@]}" >"$log" 2>&1; then
    apt-get update >>"$log" 2>&1 && apt-get install -y --no-install-recommends "${wanted[@]}" >>"$log" 2>&1 || {
      [ $made_policy = no ] || rm -f $policy
      tail -n 20 "$log" >&2
      say "apt-get could not install ${wanted[*]} (above)"
      exit 3
    }
  fi
  rm -f "$log"
  [ $made_policy = no ] || rm -f $policy
}

start() {
  local found
  if found=$(find_engine); then
    say "an engine answers at $found"
    print_env "$found"
    return
  fi
  [ "$(id -u)" = 0 ] || { say "must be root to start an engine"; exit 3; }
  install_packages
  mkdir -p "$engine_root" "$run_dir"
  if [ -f "$pid_file" ] && ! kill -0 "$(cat "$pid_file")" 2>/dev/null; then rm -f "$pid_file"; fi
  rm -f "$socket_file"
  mount_cgroups
  launch
  # Without packet filtering the bridge cannot be set up: containers then share the host's network where they need one.
  if ! wait_for_engine; then
    if grep -qi 'iptables\|controller not available' "$log_file"; then
      say "no packet filter: starting without a bridge"
      launch --bridge=none --iptables=false
      wait_for_engine || failed
    else
      failed
    fi
  fi
  say "started at $engine_socket (log: $log_file)"
  print_env "$engine_socket"
}

launch() {
  setsid dockerd --host "$engine_socket" --data-root "$engine_root/data" --exec-root "$run_dir/exec" \
    --pidfile "$pid_file" --log-level warn --default-cgroupns-mode private "$@" \
    </dev/null >"$log_file" 2>&1 &
  launched=$!
}

wait_for_engine() {
  for _ in $(seq 1 300); do
    ping "$engine_socket" && return 0
    kill -0 "$launched" 2>/dev/null || return 1
    sleep 0.2
  done
  return 1
}

failed() {
  tail -n 20 "$log_file" >&2
  say "the engine did not start (above: $log_file)"
  exit 3
}

# Machines without an init system may have no cgroup hierarchy mounted: limits need one.
mount_cgroups() {
  mountpoint -q /sys/fs/cgroup || mount -t tmpfs cgroup /sys/fs/cgroup || return 0
  [ -e /sys/fs/cgroup/cgroup.controllers ] && return 0
  local name
  for name in $(awk '!/^#/ { if ($4 == 1) print $1 }' /proc/cgroups); do
    mkdir -p "/sys/fs/cgroup/$name"
    mountpoint -q "/sys/fs/cgroup/$name" || mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name" 2>/dev/null || rmdir "/sys/fs/cgroup/$name"
  done
}

stop() {
  [ -f "$pid_file" ] || { say "no private engine runs"; return; }
  local pid; pid=$(cat "$pid_file")
  if ping "$engine_socket"; then
    local ids; ids=$(DOCKER_HOST=$engine_socket docker ps -aq)
    [ -z "$ids" ] || DOCKER_HOST=$engine_socket docker rm -f $ids >/dev/null
  fi
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  # Killed whole, with the containerd below it, when it does not end in ten seconds.
  kill -0 "$pid" 2>/dev/null && kill -KILL -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')" 2>/dev/null || true
  awk -v dir="$run_dir/" -v root="$engine_root/" 'index($2, dir) == 1 || index($2, root) == 1 { print $2 }' /proc/mounts |
    sort -r | while read -r place; do umount "$place" 2>/dev/null || umount -l "$place" || true; done
  rm -rf "$pid_file" "$socket_file" "$run_dir/exec"
  say "stopped"
}

print_env() {
  [ "$1" = "$usual_socket" ] || echo "export DOCKER_HOST=$1"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status)
    if found=$(find_engine); then echo "an engine answers at $found"; else echo "no engine answers"; exit 3; fi ;;
  env) if found=$(find_engine); then print_env "$found"; fi ;;
  answers) find_engine >/dev/null ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
