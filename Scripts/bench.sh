#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks of a release binary on SQLite and on a PostgreSQL of its own. Called by `make bench`.
set -euo pipefail
cd "$(dirname "$0")/.."
binary="$1"
trap 'Scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
Scripts/postgres.sh start >/dev/null
export AMPTILL_INSTALLATION_KEY="${AMPTILL_INSTALLATION_KEY:-$(openssl rand -hex 32)}"
folder="$(mktemp -d)"
"$binary" bench --database "$folder/bench.db" --database "$(Scripts/postgres.sh url)"
"$binary" bench rating
rm -rf "$folder"
