#!/usr/bin/env bash
# Makes a folder with a small Debian in it that has nslcd, SSSD, sudo and autofs, for the tests of nodes:
# scripts/node-root.sh DIR.
# Needs root, debootstrap, and Debian's packages.
set -euo pipefail

folder=${1:?the folder to make}
maps=(sudo libsss-sudo autofs autofs-ldap)
if [ -x "$folder/usr/sbin/nslcd" ] && [ -x "$folder/usr/sbin/sssd" ]; then
    if [ -x "$folder/usr/bin/sudo" ] && [ -x "$folder/usr/sbin/automount" ]; then exit 0; fi
    # It was made before sudo and autofs were tried.
    cp /etc/resolv.conf "$folder/etc/resolv.conf"
    chroot "$folder" apt-get update
    DEBIAN_FRONTEND=noninteractive chroot "$folder" apt-get install -y --no-install-recommends "${maps[@]}"
    exit 0
fi
"$(dirname "$0")/system-packages.sh" debootstrap
# Where this machine gets its own packages from.
mirror=$(apt-cache policy base-files | grep -oE 'https?://[^ ]+' | head -n 1)
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
debootstrap --variant=minbase \
    --include=nslcd,libnss-ldapd,libpam-ldapd,pamtester,sssd-ldap,sssd-tools,libnss-sss,libpam-sss,libsasl2-modules,$(IFS=,; echo "${maps[*]}") \
    "$suite" "$folder" ${mirror:+"$mirror"}
