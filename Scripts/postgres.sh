#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A throw-away PostgreSQL for the tests, in a temporary directory, with fsync on.
#
#   Scripts/postgres.sh start [directory]   starts it (once) and prints its address
#   Scripts/postgres.sh url [directory]     prints its address
#   Scripts/postgres.sh stop [directory]    stops it and removes the directory
#
# It listens on a Unix socket inside its directory and on no port. PostgreSQL refuses to run as root, so root
# runs it as user postgres, which Debian's package makes. AMPTILL_POSTGRES_BIN names another bin folder.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
# One server per working copy; the name is short because a socket's path may not exceed 107 bytes.
home=${2:-${TMPDIR:-/tmp}/amptill-pg-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)}
url="postgres://amptill@/amptill?host=$home"

bin=${AMPTILL_POSTGRES_BIN:-}
if [ -z "$bin" ]; then
    # The newest of Debian's versioned folders, else whatever is on the path.
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t / -k 5 -n | tail -n 1)
    [ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /missing/initdb)")
fi

as_owner() {
    if [ "$(id -u)" = 0 ]; then
        # From the server's own directory: the caller's may be closed to user postgres.
        (cd "$home" && setpriv --reuid=postgres --regid=postgres --init-groups -- env HOME="$home" "$@")
    else
        "$@"
    fi
}

running() {
    [ -f "$home/data/postmaster.pid" ] && as_owner "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1
}

start() {
    if running; then return; fi
    [ -x "$bin/initdb" ] || { echo "no PostgreSQL found: apt-get install postgresql" >&2; exit 1; }
    rm -rf "$home"
    mkdir -p "$home"
    chmod 755 "$home"
    [ "$(id -u)" != 0 ] || chown postgres:postgres "$home"
    as_owner "$bin/initdb" -D "$home/data" -U amptill -A trust -E UTF8 --locale=C >"$home/initdb.log" 2>&1 ||
        { cat "$home/initdb.log" >&2; exit 1; }
    as_owner "$bin/pg_ctl" -D "$home/data" -l "$home/server.log" -w -t 60 -o \
        "-c listen_addresses='' -c unix_socket_directories='$home' -c max_connections=500" \
        start >"$home/start.log" 2>&1 || { cat "$home/start.log" "$home/server.log" >&2; exit 1; }
    as_owner "$bin/createdb" -h "$home" -U amptill amptill
}

case "${1:-}" in
start)
    start
    echo "$url"
    ;;
url)
    echo "$url"
    ;;
stop)
    if running; then as_owner "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null; fi
    rm -rf "$home"
    ;;
*)
    echo "usage: $0 start|url|stop [directory]" >&2
    exit 64
    ;;
esac
