#!/usr/bin/env bash
# Installs the Debian packages that are named and not there yet, and says so. No server among them is started: it would take
# the ports of a running one, and the tests start their own.
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
policy=/usr/sbin/policy-rc.d # What Debian's packages ask before they start a server; where there is one already, it stays.
refuse=
leave() { rm -f "$log"; [ -z "$refuse" ] || "${as_root[@]}" rm -f "$policy"; }
trap leave EXIT
if [ ! -e "$policy" ]; then
    refuse=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
install() { "${as_root[@]}" apt-get install --yes -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
# The list of packages may be old or absent on a new machine.
install || { "${as_root[@]}" apt-get update >"$log" 2>&1 && install; } || { cat "$log" >&2; exit 1; }
