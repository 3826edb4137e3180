#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the tariff modules with libFuzzer and feeds them bytes for SECONDS (600 if not given). Called by
# `make fuzz-tariffs`. Exit status 0: no crash, no input slower than 20 s. What failed is kept in .build-fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-600}"
out=.build-fuzz
mkdir -p "$out/artifacts" "$out/corpus"

flags=(-O -swift-version 6 -package-name amptill -sanitize=fuzzer -parse-as-library -wmo -I "$out"
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility)
module() {
  local name=$1; shift
  swiftc "${flags[@]}" -module-name "$name" -emit-module -emit-module-path "$out/$name.swiftmodule" \
    -emit-object -o "$out/$name.o" "$@"
}
mapfile -t quantities < <(find Sources/Quantities -name '*.swift')
mapfile -t json < <(find Sources/JSONText -name '*.swift')
mapfile -t tariffs < <(find Sources/Tariffs -name '*.swift')
module Quantities "${quantities[@]}"
module JSONText "${json[@]}"
module Digests Tests/Fuzz/Digests.swift
module Tariffs "${tariffs[@]}"
module FuzzTariffs Tests/Fuzz/FuzzTariffs.swift
swiftc -O -sanitize=fuzzer "$out"/{Quantities,JSONText,Digests,Tariffs,FuzzTariffs}.o -o "$out/fuzz-tariffs"

# The vectors and examples are where the walk begins, the field names what it is sprinkled with.
python3 - "$out" <<'PYTHON'
import glob, json, re, sys
out, words = sys.argv[1], set()
for number, path in enumerate(sorted(glob.glob("Tests/TariffsTests/Fixtures/vectors/*.json"))):
    case = json.load(open(path))
    line = {"id": case["id"], "tariff": case["tariff"], "session": case["session"]}
    open(f"{out}/corpus/vector-{number}", "w").write(json.dumps(line))
    open(f"{out}/corpus/tariff-{number}", "w").write(json.dumps(case["tariff"]))
for folder in sorted(glob.glob("Examples/tariffs/*/")):
    name = folder.split("/")[-2]
    parts = {}
    for kind in ("tariff", "session", "cdr"):
        try:
            text = open(folder + kind + ".json").read()
        except FileNotFoundError:
            continue
        parts[kind] = json.loads(text)
        open(f"{out}/corpus/example-{name}-{kind}", "w").write(json.dumps(parts[kind]))
    if "session" in parts and "tariff" in parts:
        open(f"{out}/corpus/example-{name}", "w").write(json.dumps({"id": name, **parts}))
for path in glob.glob("Sources/Tariffs/**/*.swift", recursive=True):
    words |= set(re.findall(r'"([A-Za-z_]{2,24})"', open(path).read()))
open(f"{out}/words", "w").write("".join(f'"\\"{word}\\""\n' for word in sorted(words)))
PYTHON

"$out/fuzz-tariffs" "$out/corpus" -dict="$out/words" -max_total_time="$seconds" -timeout=20 -max_len=16384 \
  -rss_limit_mb=2048 -artifact_prefix="$out/artifacts/" -print_final_stats=1 2>"$out/log" || {
  tail -40 "$out/log"
  exit 1
}
grep -E 'stat::|DONE|Done|cov:' "$out/log" | tail -9
