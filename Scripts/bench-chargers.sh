#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Stations against a release binary, beside the Python peer in the same run: throughput on SQLite and PostgreSQL, and a
# storm of reconnecting stations. Called by `make bench-chargers`; further options go to bench_chargers.py.
set -euo pipefail
cd "$(dirname "$0")/.."
binary="$1"
shift
ulimit -n "$(ulimit -Hn)"
trap 'Scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
Scripts/postgres.sh start >/dev/null
.build/venv/bin/python Tests/Peers/charger/bench_chargers.py --binary "$binary" --postgres "$(Scripts/postgres.sh url)" "$@"
