#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds once, starts a PostgreSQL of its own, and runs every test. Called by `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
flags="${1:-}"

# First what takes seconds.
swift format lint --strict -r Sources Tests Package.swift
# shellcheck disable=SC2086
swift build --build-tests $flags

trap 'Scripts/postgres.sh stop >/dev/null 2>&1 || true' EXIT
Scripts/postgres.sh start
AMPTILL_TEST_POSTGRES="$(Scripts/postgres.sh url)"
AMPTILL_BINARY="$PWD/.build/debug/amptill"
AMPTILL_PYTHON="$PWD/.build/venv/bin/python"
# A minute of damaged frames; `make fuzz-frames` takes ten.
AMPTILL_FUZZ_SECONDS=60
export AMPTILL_TEST_POSTGRES AMPTILL_BINARY AMPTILL_PYTHON AMPTILL_FUZZ_SECONDS

# A stage that does not end in its time is ended: what a test leaves behind may not keep CI waiting.
# First what only reckons: a hundred thousand random tariffs and a minute of damaged frames leave no processor to anybody
# else. Then everything else inside one process, a dozen at a time: all at once they keep each other from answering in time,
# and need a third more CPU together. At last the tests that start servers, chargers and browsers. These mostly wait, so
# three of them run side by side; no more, for their clocks run fast, and a busy machine would change what they see.
reckoning='^(TariffsTests|OCPPTests|ChargingTests|JSONTextTests|QuantitiesTests)\.|FrameFuzzTests'
# shellcheck disable=SC2086
timeout --kill-after=30 10m swift test --skip-build $flags --filter "$reckoning"
# shellcheck disable=SC2086
timeout --kill-after=30 10m swift test --skip-build --experimental-maximum-parallelization-width 12 $flags \
    --skip EndToEndTests --skip "$reckoning"
# shellcheck disable=SC2086
timeout --kill-after=30 25m swift test --skip-build --experimental-maximum-parallelization-width 3 $flags --filter EndToEndTests
