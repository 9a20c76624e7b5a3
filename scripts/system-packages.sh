#!/usr/bin/env bash
# Installs the Debian packages that are named and not there yet, and says so.
#
#   scripts/system-packages.sh libsqlite3-dev libcrypt-dev
set -euo pipefail

missing=()
for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These are missing, and there is no apt-get to install them: ${missing[*]}" >&2
    echo "Install what your system calls them, then run this again." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null; then
        as_root=(sudo)
    else
        echo "These are missing: ${missing[*]}" >&2
        echo "Only root may install them. Run this as root, then again as yourself:" >&2
        echo "    apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi
echo "installing through apt: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { "${as_root[@]}" apt-get install --yes --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
# The list of packages may be old or absent on a new machine.
install || { "${as_root[@]}" apt-get update >"$log" 2>&1 && install; } || { cat "$log" >&2; exit 1; }
