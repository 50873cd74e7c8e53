# shellcheck shell=bash disable=SC2034 # the lists are for those that source this
# Sourced by the scripts beside it: where we are, what to say, what to install, how to build.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit

if [ -t 2 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
say() { printf '%s== %s%s\n' "$bold" "$*" "$plain" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The comment at the head of the script is its help.
usage() {
  sed -n '2,/^[^#]/{ s/^# \{0,1\}//p; }' "$0"
  exit 0
}

# ---- Packages ----

packages_build=(
  ca-certificates python3 pkg-config cmake ninja-build ccache
  clang-19 lld-19
  libboost1.81-dev libboost-system1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libpq-dev libhiredis-dev libjwt-dev libsodium-dev libcurl4-openssl-dev
  libspdlog-dev libfmt-dev prometheus-cpp-dev libcli11-dev libkainjow-mustache-dev
)
packages_run=(postgresql-15)
packages_test=(libgtest-dev libgmock-dev librapidcheck-dev python3-aiosmtpd)
packages_sanitize=(libclang-rt-19-dev llvm-19)
packages_format=(clang-format-19)
packages_bench=(wrk)

missing_packages() {
  [ $# -gt 0 ] || return 0
  local installed
  installed=$(dpkg-query --showformat='${db:Status-Abbrev} ${Package}\n' --show "$@" 2>/dev/null |
    sed -n 's/^ii *//p') || true
  printf '%s\n' "$@" | grep -vxF -e "${installed:-}" || true
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# apt's many lines as a few: what it downloads and sets up, out of how many.
apt_progress() {
  awk '
    / newly installed/ { total = $1 + $3; printf "   %d packages\n", total }
    /^Need to get/ { sub(/^Need to get /, ""); sub(/ of archives.*/, ""); print "   downloading " $0 }
    /^Get:/ { if (++got % 40 == 0) printf "   downloaded %d of %d\n", got, total }
    /^Unpacking / { if (++unpacked % 40 == 0) printf "   unpacked %d of %d\n", unpacked, total }
    /^Setting up / { if (++set % 40 == 0 || set == total) printf "   set up %d of %d\n", set, total }
    { fflush() }' >&2
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@"
}

# install_packages NAME...: those that are not there yet; nothing, and at once, where all are.
install_packages() {
  local missing log
  command -v dpkg-query >/dev/null || die "this installs Debian 12's packages; elsewhere, see the list in script/lib/common.bash"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "these packages are missing, and without root or sudo they cannot be installed here; as root:
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Installing ${missing[*]}"
  log=$(mktemp)
  if ! apt_get update >"$log" 2>&1; then
    tail -5 "$log" >&2 # an old index may do
  fi
  without_a_cluster "${missing[@]}"
  if ! apt_get install -y --no-install-recommends "${missing[@]}" 2>&1 | tee "$log" | apt_progress; then
    tail -30 "$log" >&2
    die "apt-get failed; all it said is in $log"
  fi
  rm -f "$log"
}

# Where PostgreSQL comes onto this machine only for us, it need not begin with a server of its own on port 5432:
# nexus makes and runs a private one.
without_a_cluster() {
  local configuration=/etc/postgresql-common/createcluster.d/nexus.conf
  [[ " $* " == *" postgresql-15 "* ]] && [ ! -e /etc/postgresql-common ] || return 0
  as_root mkdir -p "${configuration%/*}"
  echo 'create_main_cluster = false' | as_root tee "$configuration" >/dev/null
}

# Node by apt only where there is none: other sources' nodejs contains npm, and Debian's npm will not stand beside it.
packages_node=()
command -v node >/dev/null || packages_node+=(nodejs)
command -v npm >/dev/null || packages_node+=(npm)

# npm_packages FOLDER: node_modules as the folder's package-lock.json has it; nothing where it is already.
npm_packages() {
  local folder=$1 stamp=$1/node_modules/.installed-lock
  cmp -s "$folder/package-lock.json" "$stamp" && return 0
  say "Fetching the npm packages of $folder/"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$folder/package-lock.json" "$stamp"
}

# ---- Building ----

# ccache may take an object from its store though the precompiled header was made anew, with the same content.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-$root/build}/.cache}/ccache}

# configure PRESET [cmake's arguments]
configure() {
  local preset=$1 log
  shift
  say "Configuring build/$preset"
  log=$(mktemp)
  if ! cmake --preset "$preset" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "cmake failed; if this copy of the sources has moved, remove build/$preset"
  fi
  rm -f "$log"
}

# compile PRESET [targets]: all without
compile() {
  local preset=$1
  shift
  say "Building build/$preset"
  NINJA_STATUS='[%f/%t %es] ' cmake --build "build/$preset" ${1:+--target "$@"} >&2
}
