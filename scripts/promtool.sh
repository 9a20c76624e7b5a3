#!/usr/bin/env bash
# Puts the promtool of Debian's package prometheus into a folder. The package is not installed: that would start a server
# of Prometheus.
#
#   scripts/promtool.sh .build/promtool
set -euo pipefail

folder=$1
[ ! -x "$folder/promtool" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || {
    echo "There is no apt-get to take promtool from; the alert rules are not tried." >&2
    exit 0
}
echo "taking promtool out of Debian's package prometheus"
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
log=$download/log
get() { (cd "$download" && timeout 60 apt-get -o APT::Sandbox::User=root download prometheus) >"$log" 2>&1; }
# The list of packages may be old or absent on a new machine. Only root may bring it up to date.
get || { apt-get update >"$log" 2>&1 && get; } || {
    cat "$log" >&2
    echo "promtool cannot be had; the alert rules are not tried." >&2
    exit 0
}
dpkg-deb --fsys-tarfile "$download"/prometheus_*.deb | tar -x -C "$download" ./usr/bin/promtool
mkdir -p "$folder"
mv "$download/usr/bin/promtool" "$folder/promtool"
