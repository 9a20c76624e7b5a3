#!/usr/bin/env bash
# Makes a folder with the smallest Debian 12 in it, and what the tests of packages call there:
# scripts/package-root.sh DIR.
# The packages that ours depends on, and systemd, are not installed; they are kept beside, where apt finds them without a network.
# Needs root, debootstrap, and Debian's packages.
set -euo pipefail

folder=${1:?the folder to make}
[ ! -e "$folder/made" ] || exit 0
"$(dirname "$0")/system-packages.sh" debootstrap
rm -rf "$folder"
# Where this machine gets its own packages from.
mirror=$(apt-cache policy base-files | grep -oE 'https?://[^ ]+' | head -n 1)
debootstrap --variant=minbase --include=man-db,ldap-utils,zsh,fish bookworm "$folder" ${mirror:+"$mirror"}
cp /etc/resolv.conf "$folder/etc/resolv.conf"
chroot "$folder" apt-get update
chroot "$folder" apt-get install -y --no-install-recommends --download-only \
    adduser libpq5 libsqlite3-0 libstdc++6 systemd systemd-sysv dbus

# What apt may install from now on are these packages alone: its lists of all of Debian are larger than the system.
"$(dirname "$0")/system-packages.sh" dpkg-dev
mkdir -p "$folder/var/local/packages"
mv "$folder"/var/cache/apt/archives/*.deb "$folder/var/local/packages"
(cd "$folder/var/local/packages" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
echo "deb [trusted=yes] file:/var/local/packages ./" >"$folder/etc/apt/sources.list"
rm -rf "$folder"/etc/apt/sources.list.d/* "$folder"/var/lib/apt/lists/* "$folder"/var/cache/apt/*.bin
chroot "$folder" apt-get update
touch "$folder/made"
