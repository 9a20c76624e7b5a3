#!/usr/bin/env bash
# Makes the packages in dist/: one for Debian, an archive for other systems, and the debug symbols apart from both.
#
#   scripts/package.sh                builds the program as a release, and packages it
#   scripts/package.sh PROGRAM        packages a program that is built
#
# DIST= names another folder than dist/.
#
# The same program, of the same commit, gives the same bytes. DEBFULLNAME and DEBEMAIL name who packages it.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export LC_ALL=C TZ=UTC0
# `make` names the program of its tests so; this one would take it for a setting.
unset ROSTER_BIN

program=${1:-}
if [ -z "$program" ]; then
    scripts/build-release.sh
    program=.build/release/roster
fi
scripts/system-packages.sh dpkg-dev binutils

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
maintainer="${DEBFULLNAME:-Roster maintainers} <${DEBEMAIL:-maintainers@roster.example.org}>"
architecture=$(dpkg --print-architecture)
machine=$(uname -m)

work=$(mktemp -d "${TMPDIR:-/tmp}/roster-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "${DIST:-dist}"
dist=$(realpath "${DIST:-dist}")
# Of an earlier version.
rm -f "$dist"/roster_*.deb "$dist"/roster-*.tar.gz "$dist"/roster-*.debug

# -- the program, without its symbols, which are kept

objcopy --only-keep-debug --compress-debug-sections=zlib "$program" "$work/roster.debug"
# A debugger finds them by this name and checksum.
strip --strip-all --remove-section=.comment -o "$work/roster" "$program"
objcopy --add-gnu-debuglink="$work/roster.debug" "$work/roster"
linked=$(ldd "$work/roster")
if grep -qiE 'libswift|Foundation|libdispatch|BlocksRuntime' <<<"$linked"; then
    # A debug program may be packaged to try the packaging, and only for that.
    echo "warning: the program needs libraries of Swift on the machine; scripts/build-release.sh links them in" >&2
fi
version=$("$work/roster" version --json | sed -nE 's/.*"version":"([^"]*)".*/\1/p')
[ -n "$version" ] || { echo "the program does not tell its version" >&2; exit 1; }
debian_version=$version-1
glibc=$(objdump --dynamic-syms "$work/roster" | grep -oE 'GLIBC_2\.[0-9]+' | sort -uV | tail -n 1)
glibc=${glibc#GLIBC_}

# Everything has the time of the commit, and nothing depends on the order of a folder or on who packages.
set_times() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# -- Debian

tree=$work/debian-tree
ZSH_FOLDER=share/zsh/vendor-completions UNIT_FOLDER=/lib/systemd/system \
    scripts/install-tree.sh install "$work/roster" "$tree" /usr
documents=$tree/usr/share/doc/roster
install -m 644 packaging/debian/copyright "$documents/copyright"
gzip -9n <CHANGELOG.md >"$documents/changelog.gz"
gzip -9n >"$documents/changelog.Debian.gz" <<END
roster ($debian_version) stable; urgency=medium

  * Packaged from the sources of this version; see changelog.gz.

 -- $maintainer  $(date --date="@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')
END
install -D -m 644 packaging/debian/lintian-overrides "$tree/usr/share/lintian/overrides/roster"

mkdir -p "$work/source/debian" "$tree/DEBIAN"
cat >"$work/source/debian/control" <<END
Source: roster

Package: roster
Architecture: any
END
depends=$(cd "$work/source" && dpkg-shlibdeps --warnings=1 -O "$tree/usr/bin/roster" --ignore-missing-info | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "dpkg-shlibdeps found no libraries" >&2; exit 1; }
size=$(du --apparent-size -k -s --exclude=DEBIAN "$tree" | cut -f 1)
cat >"$tree/DEBIAN/control" <<END
Package: roster
Version: $debian_version
Section: net
Priority: optional
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $size
Depends: adduser, $depends
Suggests: bash-completion, logrotate, postgresql
Description: user directory of HPC clusters, with an HTTP API and LDAP
 Roster keeps the list of who may use which cluster of a site: name, uid, gid,
 role, and home on the shared file system. Compute nodes resolve users over
 LDAP with SSSD or nslcd, and programs use its signed HTTP API.
 .
 Users are imported from CSV, LDIF or passwd lines, and a uid is never given
 twice. The data is in an embedded SQLite, or in a PostgreSQL that several
 servers share.
END
printf '%s\n' /etc/logrotate.d/roster /etc/roster/config.yaml >"$tree/DEBIAN/conffiles"
install -m 755 packaging/debian/{postinst,prerm,postrm} "$tree/DEBIAN"
(cd "$tree" && find usr lib -type f | sort | xargs md5sum >DEBIAN/md5sums)
set_times "$tree"
package=$dist/roster_${debian_version}_$architecture.deb
# More threads would give other bytes.
dpkg-deb --build --root-owner-group --threads-max=1 -Zxz "$tree" "$package" >/dev/null &
packing=$!

# -- other systems, while that is packed

name=roster-$version-$machine
archived=$work/archive/roster-$version
scripts/install-tree.sh install "$work/roster" "$archived" /usr
sed -e "s|@glibc@|$glibc|g" -e "s|@version@|$version|g" packaging/INSTALL.md >"$archived/INSTALL.md"
install -m 644 CHANGELOG.md packaging/debian/copyright "$archived/usr/share/doc/roster"
set_times "$archived"
tar --create --directory="$work/archive" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu \
    --mtime="@$SOURCE_DATE_EPOCH" "roster-$version" | gzip -9n >"$dist/$name.tar.gz"

install -m 644 "$work/roster.debug" "$dist/$name.debug"
wait "$packing"

# -- what was built

echo "the program: $(stat -c %s "$work/roster") bytes, needs glibc $glibc, $("$work/roster" --version)"
echo "depends on: $depends"
echo "in $dist:"
(cd "$dist" && stat -c '%s bytes  %n' "$(basename "$package")" "$name.tar.gz" "$name.debug")
