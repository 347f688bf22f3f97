#!/usr/bin/env bash
# Makes the image in which commands run, mig-pipeline-base:bookworm: Debian bookworm with Python 3.11, git and the
# shared libraries that compiled packages load, an ordinary user (agent, 1000), no compiler and no package sources.
#   base-image.sh [TAG]     makes it where the engine does not have it
#   base-image.sh --force   makes it again
# From debian:bookworm-slim where a registry answers, else from the package mirror that this machine's apt is set
# to, with mmdebstrap (root, Debian). About 25 to 35 s either way. What compiles source distributions (compilers,
# headers, 1 GB) is a second image on top of this one, made by the program when it first needs it.
set -euo pipefail

suite=bookworm
force=no
if [ "${1:-}" = --force ]; then force=yes; shift; fi
tag=${1:-mig-pipeline-base:$suite}
packages=(
  python3 python3-venv git ca-certificates procps
  # What CPython's own extension modules load.
  libssl3 libffi8 libreadline8 libsqlite3-0 libbz2-1.0 liblzma5 libncursesw6 libexpat1 libuuid1 libgdbm6
  libgdbm-compat4 libnsl2 libtirpc3
  # What packages built from source load: the runtime half of the headers in the build image.
  libxml2 libxslt1.1 libyaml-0-2 libmagic1 libpq5 libmariadb3 libjpeg62-turbo libfreetype6 libpng16-16 libsnappy1v5
  libleveldb1d libzmq5 libgeos-c1v5 libldap-2.5-0 libsasl2-2 libevent-2.1-7 libev4 libcurl4 libgomp1
)
here=$(cd "$(dirname "$0")" && pwd)
say() { echo "base image: $*" >&2; }

eval "$("$here/engine.sh" env)"
command -v docker >/dev/null || { say "the docker command is missing"; exit 3; }
docker version >/dev/null 2>&1 || { say "no container engine answers: scripts/engine.sh start makes one (Debian, root)"; exit 3; }
if [ $force = no ] && docker image inspect "$tag" >/dev/null 2>&1; then
  say "$tag is there"
  exit 0
fi

scratch=$(mktemp -d)
container=
finish() { [ -z "$container" ] || docker rm -f "$container" >/dev/null 2>&1 || true; rm -rf "$scratch"; }
trap finish EXIT
started=$SECONDS
config=(
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'ENV LANG=C.UTF-8'
  --change 'LABEL mig-pipeline.role=base' --change 'CMD ["python3"]'
)

# Runs in the new system, as root: the user, and /root open for passing, since interpreters are mounted below it.
cat >"$scratch/finish.sh" <<'INSIDE'
set -e
useradd --uid 1000 --user-group --create-home --shell /bin/bash agent
chmod 755 /root
git config --system safe.directory '*'
mkdir -p /workspace /input /output /env
rm -rf /usr/share/man/* /usr/share/locale/* /usr/share/doc-base /var/cache/apt/* /var/lib/apt/lists/* /var/log/*
find /usr/share/doc -type f ! -name copyright -delete
# The package mirror is a setting of the machine, not of the image.
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*
INSIDE

from_registry() {
  timeout 300 docker pull --quiet debian:$suite-slim >/dev/null 2>"$scratch/pull.log" || return 1
  say "from debian:$suite-slim"
  # The host's certificates, proxies and nothing else: in a mounted folder, so that no layer or history keeps them.
  mkdir "$scratch/host"
  env | grep -iE '^(https?|no)_proxy=' | sed "s/'/'\\\\''/g; s/=\(.*\)/='\1'/; s/^/export /" >"$scratch/host/proxies" || true
  cp "$scratch/finish.sh" "$scratch/host/"
  echo "${packages[*]}" >"$scratch/host/packages"
  cat >"$scratch/host/install.sh" <<'INSIDE'
set -e
. /host/proxies
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -qy --no-install-recommends $(cat /host/packages)
sh /host/finish.sh
INSIDE
  container=$(docker create --volume "$scratch/host:/host:ro" debian:$suite-slim sh /host/install.sh)
  docker start --attach "$container" >"$scratch/install.log" 2>&1 || { tail -n 20 "$scratch/install.log" >&2; return 1; }
  docker commit "${config[@]}" "$container" "$tag" >/dev/null
}

from_mirror() {
  [ "$(id -u)" = 0 ] || { say "no registry answers and this is not root: $(head -n 1 "$scratch/pull.log")"; exit 3; }
  command -v apt-get >/dev/null || { say "no registry answers and this machine has no apt: $(head -n 1 "$scratch/pull.log")"; exit 3; }
  if ! command -v mmdebstrap >/dev/null; then
    { apt-get install -qy --no-install-recommends mmdebstrap || { apt-get update -q && apt-get install -qy --no-install-recommends mmdebstrap; }; } >"$scratch/apt.log" 2>&1 ||
      { tail -n 20 "$scratch/apt.log" >&2; say "apt-get could not install mmdebstrap (above)"; exit 3; }
  fi
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite=$suite '$2 ~ "^" suite "(-updates|-security)?$" && $3 == "main" { print "deb", $1, $2, $3 }' | sort -u >"$scratch/sources.list"
  grep -q " $suite main" "$scratch/sources.list" ||
    { say "no registry answers, and apt on this machine knows no mirror of Debian $suite"; exit 3; }
  say "from this machine's package mirror"
  local hooks=()
  # Without it the usr merge is made file by file after unpacking, which takes longer than all the rest.
  [ ! -d /usr/share/mmdebstrap/hooks/merged-usr ] || hooks+=(--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr)
  SCRATCH=$scratch mmdebstrap --quiet --variant=apt --include="$(IFS=,; echo "${packages[*]}")" --dpkgopt=force-unsafe-io \
    --aptopt='Acquire::Languages "none"' "${hooks[@]}" \
    --customize-hook='cp "$SCRATCH/finish.sh" "$1/finish.sh" && chroot "$1" sh /finish.sh && rm "$1/finish.sh"' \
    --format=tar $suite "$scratch/base.tar" "$scratch/sources.list" 2>"$scratch/mmdebstrap.log" ||
    { tail -n 20 "$scratch/mmdebstrap.log" >&2; say "mmdebstrap failed (above)"; exit 3; }
  docker import "${config[@]}" "$scratch/base.tar" "$tag" >/dev/null
}

from_registry || from_mirror
say "$tag made in $((SECONDS - started)) s, $(docker image inspect --format '{{.Size}}' "$tag" | awk '{ printf "%.0f MB", $1 / 1e6 }')"
