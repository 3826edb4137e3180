#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what a fresh Debian 12 with a Swift 6.3 toolchain lacks, and says what it does.
#   Scripts/setup.sh build    what building and running needs
#   Scripts/setup.sh test     that, and what the tests talk to
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
    libsqlite3-dev libpq-dev zlib1g-dev libcairo2-dev libpango1.0-dev libqrencode-dev libcurl4-openssl-dev
    pkg-config
)
test_packages=(
    postgresql hledger openssl poppler-utils fonts-dejavu-core chromium python3-venv curl
)

if ! command -v swift >/dev/null; then
    echo "setup: no swift found; install a Swift 6.3 toolchain first (https://www.swift.org/install/linux/)" >&2
    exit 1
fi

missing=()
want() {
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
}

want "${build_packages[@]}"
[ "${1:-build}" = test ] && want "${test_packages[@]}"

if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: installing ${missing[*]}"
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get -o Acquire::Retries=3 update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

[ "${1:-build}" = test ] || exit 0

# The independent counterparts of the tests run in a Python environment of their own.
venv=.build/venv
wanted="$(cat Tests/Peers/charger/requirements.txt Tests/Peers/requirements.txt Tests/Peers/gateways/requirements.txt)"
if [ ! -f "$venv/ready" ] || [ "$wanted" != "$(cat "$venv/ready")" ]; then
    echo "setup: making a Python environment for the peers in $venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check --retries 10 \
        -r Tests/Peers/charger/requirements.txt -r Tests/Peers/requirements.txt -r Tests/Peers/gateways/requirements.txt
    printf '%s' "$wanted" > "$venv/ready"
fi
