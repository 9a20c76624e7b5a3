#!/usr/bin/env bash
# Builds the program as it is packaged: optimised, with Swift's runtime linked in, and with its commit put in.
# Prints nothing but what `swift build` prints; the program is .build/release/roster.
set -euo pipefail
cd "$(dirname "$0")/.."

# A tree that came without git has no commit to name. Changes that are in no commit are told by a plus sign.
if git rev-parse --verify --quiet HEAD >/dev/null 2>&1; then
    ROSTER_COMMIT=$(git rev-parse --short=12 HEAD)
    [ -z "$(git status --porcelain --untracked-files=no)" ] || ROSTER_COMMIT+=+
    ROSTER_COMMIT_DATE=$(TZ=UTC0 git log -1 --format=%cd --date=format-local:%Y-%m-%d)
    export ROSTER_COMMIT ROSTER_COMMIT_DATE
fi
ROSTER_SWIFT=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p')
export ROSTER_SWIFT

# Foundation brings 34 MB of languages along; see trim-icu.py. Where a toolchain lays them out otherwise, the program is just larger.
trimmed=()
if wrapped=$(scripts/trim-icu.py .build/trimmed-icu.o); then
    trimmed=(-Xlinker "$wrapped" -Xlinker "$PWD/.build/trimmed-icu.o")
else
    echo "warning: ICU's data is linked in whole" >&2
fi
# No symbols for libraries that the program might load, since it loads none; no folder in which its libraries are sought beside
# the system's; and what the loader fills in is closed before the program runs.
swift build -c release --product roster --static-swift-stdlib --disable-local-rpath "${trimmed[@]}" \
    -Xlinker --no-export-dynamic -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now "$@"
