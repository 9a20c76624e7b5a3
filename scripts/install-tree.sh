#!/usr/bin/env bash
# Puts everything that an installation has into a folder:
#
#   scripts/install-tree.sh install PROGRAM DESTDIR PREFIX    DESTDIR is empty for this machine itself
#   scripts/install-tree.sh uninstall DESTDIR PREFIX          settings and data stay
#
# ZSH_FOLDER= names where zsh looks for completions, below PREFIX; Debian's packages have a folder of their own.
set -euo pipefail
cd "$(dirname "$0")/.."

# What is installed is for everybody, whoever installs it.
umask 022
# `make` names the program of its tests so; this one would take it for a setting.
unset ROSTER_BIN
action=${1:?install or uninstall}

install_tree() {
    local program=$1 destdir=$2 prefix=$3
    local root=$destdir$prefix units=$destdir$prefix/lib/systemd/system
    local zsh=${ZSH_FOLDER:-share/zsh/site-functions}
    # Where / and /usr are one, Debian's packages still name /lib.
    [ "$prefix" != /usr ] || units=$destdir${UNIT_FOLDER:-/usr/lib/systemd/system}
    install -D -m 755 "$program" "$root/bin/roster"
    # Two thirds of a program that was just built are symbols for a debugger. A package has stripped it already.
    local sections
    sections=$(readelf --sections --wide "$program" 2>/dev/null) || true
    if [[ $sections == *.symtab* ]]; then strip --strip-all "$root/bin/roster"; fi

    local made
    made=$(mktemp -d "${TMPDIR:-/tmp}/roster-install.XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf '$made'" EXIT
    scripts/man-pages.py "$program" "$made/man"
    gzip -9n "$made"/man/*
    install -d -m 755 "$root/share/man/man1"
    install -m 644 "$made"/man/* "$root/share/man/man1"
    local shell
    for shell in bash zsh fish; do
        "$program" --generate-completion-script "$shell" >"$made/$shell"
    done
    # It is read by a shell, and not run.
    sed -i '1{/^#!/d}' "$made/bash"
    install -D -m 644 "$made/bash" "$root/share/bash-completion/completions/roster"
    install -D -m 644 "$made/zsh" "$root/$zsh/_roster"
    install -D -m 644 "$made/fish" "$root/share/fish/vendor_completions.d/roster.fish"

    filled_in() { sed -e "s|@bindir@|$prefix/bin|g" -e "s|@docdir@|$prefix/share/doc/roster|g" "$1"; }
    local examples=$root/share/doc/roster/examples one
    install -d -m 755 "$examples"
    for one in homes.conf postgresql.conf; do
        filled_in "packaging/examples/$one" >"$made/one"
        install -m 644 "$made/one" "$examples/$one"
    done
    install -m 644 Examples/sample-site.ldif "$examples"
    for one in roster.service roster-backup.service roster-backup.timer; do
        filled_in "packaging/$one" >"$made/one"
        install -D -m 644 "$made/one" "$units/$one"
    done
    install -D -m 644 packaging/sysusers.conf "$root/lib/sysusers.d/roster.conf"
    # Settings that an administrator has made stay.
    [ -e "$destdir/etc/logrotate.d/roster" ] || install -D -m 644 packaging/logrotate "$destdir/etc/logrotate.d/roster"
    [ -e "$destdir/etc/roster/config.yaml" ] || install -D -m 644 packaging/config.yaml "$destdir/etc/roster/config.yaml"
}

uninstall_tree() {
    local root=$1$2
    rm -f "$root/bin/roster" "$root"/share/man/man1/roster.1.gz "$root"/share/man/man1/roster-*.1.gz \
        "$root/share/bash-completion/completions/roster" "$root/share/zsh/site-functions/_roster" \
        "$root/share/fish/vendor_completions.d/roster.fish" "$root"/lib/systemd/system/roster{,-backup}.service \
        "$root/lib/systemd/system/roster-backup.timer" \
        "$root/lib/sysusers.d/roster.conf"
    rm -rf "$root/share/doc/roster"
}

case $action in
install)
    [ -x "${2:?the program}" ] || { echo "there is no program at $2: run make release first" >&2; exit 1; }
    install_tree "$2" "${3-}" "${4:?the prefix}"
    ;;
uninstall) uninstall_tree "${2-}" "${3:?the prefix}" ;;
*) echo "install or uninstall, not $action" >&2; exit 1 ;;
esac
