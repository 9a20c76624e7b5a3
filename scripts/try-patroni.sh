#!/usr/bin/env bash
# Tries Examples/patroni on this machine: etcd, three Patroni nodes and HAProxy, on loopback, in a temporary folder.
# While rows are written, through HAProxy and through libpq's list of hosts, the leader is taken away in three ways.
# Told are the seconds without writes, and whether a row that was acknowledged is missing. Takes some two minutes.
#
# Where the program is built (ROSTER_BIN names another than .build/debug/roster), two `roster serve` are tried at the same time, one
# through HAProxy and one by the list of hosts, with clients that write and read.
#
#   scripts/try-patroni.sh           try, tell, tear down
#   scripts/try-patroni.sh --keep    bring it up and leave it until Ctrl-C
#
# Needs root, to start servers as the user postgres.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD
scripts/system-packages.sh postgresql patroni etcd-server etcd-client haproxy openssl curl

export ROSTER_BIN=${ROSTER_BIN:-$repository/.build/debug/roster}
nodes=(one two three)
folder=$(mktemp -d "${TMPDIR:-/tmp}/roster-patroni.XXXXXX")
declare -A pids=()
finish() {
    trap - EXIT
    for name in "${nodes[@]}"; do lose_node "$name"; done
    for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

now() { echo "${EPOCHREALTIME/,/.}"; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", to - from }'; }
password() { openssl rand -hex 16; }

# Runs a function until it holds: wait_for SECONDS WHAT FUNCTION ARGUMENT…
wait_for() {
    local seconds=$1 what=$2 start
    shift 2
    start=$(now)
    until "$@"; do
        if awk -v past="$(since "$start")" -v most="$seconds" 'BEGIN { exit past < most }'; then
            echo "after $seconds s there is still no $what" >&2
            tail -n 5 "$folder"/*.log >&2
            exit 1
        fi
        sleep 0.2
    done
}

# -- bringing it up

make_certificates() (
    cd "$folder"
    curve=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
    openssl req -x509 "${curve[@]}" -days 30 -subj "/CN=Roster database" -keyout ca.key -out ca.crt
    openssl req "${curve[@]}" -subj /CN=localhost -keyout server.key -out server.csr
    printf '%s\n' subjectAltName=DNS:localhost,IP:127.0.0.1 extendedKeyUsage=serverAuth basicConstraints=CA:FALSE >names
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.crt
    chmod 600 ./*.key
) 2>/dev/null

# Starts a program as postgres, with the settings of a file, and keeps its pid: run_as NAME FILE COMMAND…
run_as() {
    local name=$1 settings=$2
    shift 2
    (
        cd "$folder"
        set -a
        # shellcheck disable=SC1090
        . "./$settings"
        HOME=$folder/home/$name
        exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@" >>"$folder/$name.log" 2>&1
    ) &
    pids[$name]=$!
    disown
}

start_node() {
    mkdir -p "$folder/home/$1/.postgresql"
    cp "$folder/ca.crt" "$folder/home/$1/.postgresql/root.crt"
    chown -R postgres: "$folder/home"
    run_as "$1" "$1.env" patroni patroni.yml
}

cluster() { curl -fs --max-time 2 "http://127.0.0.1:$1/cluster"; }
# The REST port of any node that answers, and from it who leads and who is the synchronous standby.
member() {
    local role=$1 port
    for port in 18008 18009 18010; do
        cluster "$port" | python3 -c '
import json, sys
print(*[one["name"] for one in json.load(sys.stdin)["members"] if one["role"] == sys.argv[1] and one["state"] == "running"])
' "$role" 2>/dev/null && return
    done
}
is_whole() { [ -n "$(member leader)" ] && [ -n "$(member sync_standby)" ] && [ -n "$(member replica)" ]; }
address() { sed -n 's/^PATRONI_POSTGRESQL_LISTEN=//p' "$folder/$1.env"; }

# -- taking it away

tree() {
    local child
    echo "$1"
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do tree "$child"; done
}
# The server alone; its Patroni lives.
lose_server() {
    local server
    server=$(head -n 1 "$folder/$1/postmaster.pid" 2>/dev/null) || return 0
    # shellcheck disable=SC2046
    kill -9 $(tree "$server") 2>/dev/null || true
}
# The whole node, as by a loss of power.
lose_node() {
    [ -z "${pids[$1]:-}" ] || kill -9 "${pids[$1]}" 2>/dev/null || true
    lose_server "$1"
    unset "pids[$1]"
}

# -- writing

query() { psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }
# Writes numbers until told to stop, each by a session of its own; keeps each acknowledged one and when.
write_rows() {
    local way=$1 url=$2 row=0
    while [ ! -e "$folder/stop" ]; do
        row=$((row + 1))
        if timeout 5 psql --no-psqlrc --quiet --dbname="$url" \
            --command="INSERT INTO trial VALUES ('$way', $row)" >>"$folder/writes.log" 2>&1; then
            echo "$(now) $row" >>"$folder/$way.acknowledged"
        else
            sleep 0.05
        fi
    done
}
longest_pause() { awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { printf "%.1f", most }' "$1"; }
missing() {
    query --dbname="$proxy" --command="SELECT number FROM trial WHERE way = '$1'" | sort >"$folder/there"
    awk '{ print $2 }' "$folder/$1.acknowledged" | sort | comm -23 - "$folder/there" | wc -l
}

serve_roster() {
    python3 "$repository/Tests/FailoverTests/under_load.py" "$proxy" "$hosts" "$owner" "$folder/seal.key" \
        "trial${trials}x" "$folder/ready" "$folder/stop" >"$folder/roster.told" 2>&1
}

trials=0
# trial WHAT FUNCTION: writes go on while the function takes the leader away.
trial() {
    local what=$1 leader way
    shift
    leader=$(member leader)
    rm -f "$folder"/*.acknowledged "$folder/stop" "$folder/ready"
    trials=$((trials + 1))
    query --dbname="$proxy" --command="TRUNCATE trial"
    write_rows haproxy "$proxy" &
    local one=$!
    write_rows hosts "$hosts" &
    local other=$!
    local roster=
    if [ -x "$ROSTER_BIN" ]; then
        serve_roster &
        roster=$!
        wait_for 60 "ready replica of Roster" test -e "$folder/ready"
    fi
    sleep 2
    "$@" "$leader"
    wait_for 90 "other leader" leads_another "$leader"
    sleep 4
    touch "$folder/stop"
    wait "$one" "$other"
    local all_well=yes
    [ -z "$roster" ] || wait "$roster" || all_well=no
    for way in haproxy hosts; do
        printf '%-42s | %-8s | %21s s | %12s | %7s\n' "$what" "$way" "$(longest_pause "$folder/$way.acknowledged")" \
            "$(wc -l <"$folder/$way.acknowledged")" "$(missing "$way")"
        [ "$(missing "$way")" -eq 0 ] || all_well=no
    done
    [ -z "$roster" ] || cat "$folder/roster.told"
    [ "$all_well" = yes ] || exit 1
    [ -n "${pids[$leader]:-}" ] || start_node "$leader"
    wait_for 90 "cluster with all its nodes" is_whole
}
leads_another() {
    local leader
    leader=$(member leader)
    [ -n "$leader" ] && [ "$leader" != "$1" ]
}
switch_over() {
    (cd "$folder" && patronictl -c patroni.yml switchover roster --leader "$1" --force) >>"$folder/switch.log" 2>&1
}

# -- the run

cp "$repository"/Examples/patroni/* "$folder"
export PATRONI_SUPERUSER_PASSWORD PATRONI_REPLICATION_PASSWORD PATRONI_REWIND_PASSWORD PATRONI_RESTAPI_PASSWORD
export OWNER_PASSWORD SERVICE_PASSWORD PGPASSFILE=$folder/pgpass PGSSLROOTCERT=$folder/ca.crt
PATRONI_SUPERUSER_PASSWORD=$(password) PATRONI_REPLICATION_PASSWORD=$(password)
PATRONI_REWIND_PASSWORD=$(password) PATRONI_RESTAPI_PASSWORD=$(password)
OWNER_PASSWORD=$(password) SERVICE_PASSWORD=$(password)
(
    umask 077
    printf '*:*:*:%s:%s\n' postgres "$PATRONI_SUPERUSER_PASSWORD" roster_owner "$OWNER_PASSWORD" \
        roster "$SERVICE_PASSWORD" >"$PGPASSFILE"
)
make_certificates
chmod 755 "$folder"
chown postgres: "$folder" "$folder"/server.*

tls="sslmode=verify-full&connect_timeout=2"
proxy="postgres://roster@localhost:15000/roster?$tls"
hosts="postgres://roster@$(address one),$(address two),$(address three)/roster?target_session_attrs=read-write&$tls"

start=$(now)
mkdir "$folder/etcd1" && chown postgres: "$folder/etcd1" && chmod 700 "$folder/etcd1"
run_as etcd1 etcd.env etcd
for name in "${nodes[@]}"; do start_node "$name"; done
haproxy -f "$folder/haproxy.cfg" >"$folder/haproxy.log" 2>&1 &
pids[haproxy]=$!
disown
wait_for 60 "cluster of three" is_whole
echo "etcd, three nodes and HAProxy are up after $(since "$start") s; leader: $(member leader)"

wait_for 10 "primary behind HAProxy" query --dbname="host=localhost port=15000 user=postgres dbname=postgres" --command="SELECT" 2>/dev/null
query --dbname="host=localhost port=15000 user=postgres dbname=postgres" --file="$folder/roles.sql"
owner="postgres://roster_owner@localhost:15000/roster?$tls"
query --dbname="$owner" --command="CREATE TABLE trial (way text, number int, PRIMARY KEY (way, number))"
query --dbname="$owner" --command="GRANT TRUNCATE ON trial TO roster"

if [ "${1:-}" = --keep ]; then
    echo "through HAProxy: $proxy"
    echo "by hosts:        $hosts"
    echo "passwords are in $PGPASSFILE (PGPASSFILE), the authority in $PGSSLROOTCERT (PGSSLROOTCERT); Ctrl-C ends it"
    while sleep 1; do :; done
fi

printf '%-42s | %-8s | %23s | %12s | %7s\n' "the leader" by "longest without a write" acknowledged missing
trial "is handed over (patronictl switchover)" switch_over
trial "loses its server (kill -9)" lose_server
trial "is lost with its node (kill -9 of both)" lose_node
