#!/usr/bin/env bash
# Imports the sample site, serves it on loopback, and lists users: once with the CLI, once with curl.
# With --keep the server goes on until it is interrupted.
set -euo pipefail
cd "$(dirname "$0")/.."

roster=${ROSTER_BIN:-.build/debug/roster}
# `make` and CI set these for the build and the tests; the program would take them for settings.
unset ROSTER_BIN ROSTER_STRICT
keep=${1:-}
# A server that stays is where clients look by default; the demo takes any free port.
port=${DEMO_PORT:-$([ "$keep" = --keep ] && echo 8080 || echo 0)}
data=$(mktemp -d "${TMPDIR:-/tmp}/roster-demo.XXXXXX")
server=
finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM

field() { sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/"; }

echo "== import the sample site"
"$roster" import --data "$data/store" --zone zone1 Examples/sample-site.ldif | tail -n 2

echo "== make a key that may see everything"
key=$("$roster" key create --data "$data/store" --user-id usr-demo0001 --operator --json)
export ROSTER_ACCESS_KEY_ID ROSTER_SECRET_ACCESS_KEY ROSTER_ENDPOINT ROSTER_ZONE=zone1
ROSTER_ACCESS_KEY_ID=$(echo "$key" | field access_key_id)
ROSTER_SECRET_ACCESS_KEY=$(echo "$key" | field secret_access_key)

echo "== serve on loopback"
"$roster" serve --data "$data/store" --http "127.0.0.1:$port" 2>"$data/log" &
server=$!
ready=
for _ in $(seq 300); do
    ROSTER_ENDPOINT=$(sed -nE 's/.*listening on (http:[^ ]*).*/\1/p' "$data/log")
    [ -n "$ROSTER_ENDPOINT" ] && curl -fs "$ROSTER_ENDPOINT/health/ready" >/dev/null && ready=yes && break
    kill -0 "$server" 2>/dev/null || { cat "$data/log" >&2; exit 1; }
    sleep 0.1
done
[ -n "$ready" ] || { echo "the server did not become ready" >&2; cat "$data/log" >&2; exit 1; }
echo "$ROSTER_ENDPOINT"

echo "== roster user list"
"$roster" user list --cluster-id hpc-qig9xu97 --limit 5

echo "== what else the directory knows: a user, groups in groups, sudo rules"
"$roster" user show --cluster-id hpc-qig9xu97 mlin96
"$roster" group list --cluster-id hpc-qig9xu97
"$roster" map list --cluster-id hpc-qig9xu97 --kind sudoRole

echo "== curl with a signed URL"
curl -sS "$("$roster" user list --cluster-id hpc-qig9xu97 --search-word zhang --limit 2 --print-url)"
echo

if [ "$keep" = --keep ]; then
    cat <<END
== the server goes on; stop it with Ctrl-C
In another terminal:
    export ROSTER_ENDPOINT=$ROSTER_ENDPOINT ROSTER_ZONE=zone1
    export ROSTER_ACCESS_KEY_ID=$ROSTER_ACCESS_KEY_ID
    export ROSTER_SECRET_ACCESS_KEY=$ROSTER_SECRET_ACCESS_KEY
    $roster user list --search-word zhang
END
    wait "$server"
fi
