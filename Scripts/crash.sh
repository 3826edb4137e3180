#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills the server at every moment of the guest's and the wallet's path, on both engines. Called by `make crash`.
set -euo pipefail
cd "$(dirname "$0")/.."
flags="${1:-}"

# shellcheck disable=SC2086
swift build --build-tests $flags
trap 'Scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
Scripts/postgres.sh start
AMPTILL_TEST_POSTGRES="$(Scripts/postgres.sh url)"
AMPTILL_BINARY="$PWD/.build/debug/amptill"
AMPTILL_PYTHON="$PWD/.build/venv/bin/python"
AMPTILL_CRASH_ALL=1
export AMPTILL_TEST_POSTGRES AMPTILL_BINARY AMPTILL_PYTHON AMPTILL_CRASH_ALL
# shellcheck disable=SC2086
swift test --skip-build $flags --filter 'EveryMomentTests'
