#!/bin/sh
# Lists users: list.sh [SEARCH_WORD]. The settings of ../README.md come from the environment.
# No secret becomes an argument of a program, where others on the machine could read it. `openssl dgst -hmac` would do
# that, so the two hashes of HMAC (RFC 2104) are made here: only builtins of the shell see the key.
set -eu
export LC_ALL=C
: "${ROSTER_ZONE:?}" "${ROSTER_ACCESS_KEY_ID:?}" "${ROSTER_SECRET_ACCESS_KEY:?}"
[ "$(command -v printf)" = printf ] || { echo "Error: printf is no builtin of this shell" >&2; exit 1; }

octal() { printf %b "\\0$(($1 / 64))$(($1 / 8 % 8))$(($1 % 8))"; } # the byte of this number
encode() { # all bytes but A-Za-z0-9-_.~ as %XX
    for byte in $(printf %s "$1" | od -An -v -tx1 | tr a-f A-F); do
        case $byte in
        2D | 2E | 5F | 7E | 3[0-9] | [46][1-9A-F] | [57][0-9A]) octal $((0x$byte)) ;;
        *) printf %%%s "$byte" ;;
        esac
    done
}
sha256() { openssl dgst -sha256 -binary; }
key() { # its first 64 bytes count: zeros fill a short key up, and a long one is hashed
    if [ ${#ROSTER_SECRET_ACCESS_KEY} -le 64 ]; then printf %s "$ROSTER_SECRET_ACCESS_KEY"
    else printf %s "$ROSTER_SECRET_ACCESS_KEY" | sha256; fi
    printf %064d 0 | tr 0 '\000'
}
pad() { for byte in $bytes; do octal $((byte ^ $1)); done; }
hmac() { { pad 92; { pad 54; cat; } | sha256; } | sha256; }
number() { printf '%s\n' "$response" | sed -nE "s/.*\"$1\": *([0-9]+).*/\1/p"; }
message() { printf '%s\n' "$response" | sed -nE 's/.*"message": *"(([^"\\]|\\.)*)".*/\1/p'; }

query="access_key_id=$(encode "$ROSTER_ACCESS_KEY_ID")&limit=100&search_word=$(encode "$*")"
query="$query&timestamp=$(date -u +%Y-%m-%dT%H%%3A%M%%3A%SZ)&zone=$(encode "$ROSTER_ZONE")"
bytes=$(key | od -An -v -tu1 -N 64)
signature=$(printf 'GET\n/api/user\n%s\nd41d8cd98f00b204e9800998ecf8427e' "$query" | hmac | openssl base64 -A)
url="${ROSTER_ENDPOINT:-http://127.0.0.1:8080}/api/user?$query&signature=$(encode "$signature")"
response=$(printf 'url = "%s"\n' "$url" | curl -gsS -K -)
code=$(number ret_code)
[ "$code" = 0 ] || { echo "Error: ${code:-no response of Roster}: $(message)" >&2; exit 1; }
# The list is there under both of its names, of which a server may leave one out.
printf '%s\n' "$response" | sed 's/"user_set": *\(.*\)"users_set":.*/\1/' | grep -oE '"username": *"([^"\\]|\\.)*' |
    sed -E 's/"username": *"//; s/\\(["\\/])/\1/g' |
    awk -v total="$(number total_count)" '{ print } END { print NR " of " total " users" > "/dev/stderr" }'
