#!/usr/bin/env bash
# Fuzzes every decoder of what strangers send, guided by coverage (libFuzzer). SECONDS_EACH=N seconds on each core; default 60.
# What makes a decoder trap is kept in .build/fuzz/crashes; what reaches new code is kept in .build/fuzz/corpus for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."

ROSTER_FUZZ=1 swift build -c release --product RosterFuzz --scratch-path .build/fuzz \
    -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer
corpus=.build/fuzz/corpus
mkdir -p "$corpus" .build/fuzz/crashes
# One seed for each decoder, after the byte that chooses it.
seed() { printf "\\$(printf %03o "$1")" | cat - "$2" >"$corpus/seed-$1"; }
message=$(mktemp)
trap 'rm -f "$message"' EXIT
printf '0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\x00\x80\x00' >"$message"
seed 0 "$message"
printf '{"cluster_id":"hpc-qig9xu97","names":["a","b"],"x":{"y":[1,2.5e3,true,null]}}' >"$message"
seed 1 "$message"
printf 'access_key_id=A&timestamp=2026-01-01T00%%3A00%%3A00Z&version=1&zone=z&signature=s' >"$message"
seed 2 "$message"
printf 'username,uid_number,gid_number\nzhang,10000,10000\n' >"$message"
seed 3 "$message"
seed 4 Examples/sample-site.ldif
printf 'zhang:x:10000:10000:Zhang:/home/zhang:/bin/bash\n' >"$message"
seed 5 "$message"
seed 6 Examples/sample-site.ldif
printf 'cn=a\\2Cb+uid=c,dc=example' >"$message"
seed 7 "$message"
printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA x' >"$message"
seed 8 "$message"
printf '{SSHA}ky1uuTRp+rzhm6lq3W11Xzi+zQFzYWx0' >"$message"
seed 9 "$message"
printf '20260101000000.5+0800' >"$message"
seed 10 "$message"
printf '10.0.0.0/8,::1' >"$message"
seed 11 "$message"
cores=$(nproc)
.build/fuzz/release/RosterFuzz -max_total_time="${SECONDS_EACH:-60}" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -fork="$cores" -artifact_prefix=.build/fuzz/crashes/ "$corpus"
