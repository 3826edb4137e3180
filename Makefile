# SPDX-License-Identifier: Apache-2.0
# make run starts the product; make test passes every test and installs what it needs itself.

FLAGS := --explicit-target-dependency-import-check error
# What is measured is what the container ships.
RELEASE := --static-swift-stdlib $(FLAGS)
SWIFT := swift
BINARY := .build/debug/amptill
PYTHON := .build/venv/bin/python

.PHONY: help build check test tidy format run diagrams crash simulate bench fuzz-tariffs bench-chargers fuzz-frames

help: ## Show the verbs.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s '	'

build: ## Build everything in debug.
	@Scripts/setup.sh build
	$(SWIFT) build $(FLAGS)

run: build ## Start the demonstration: a site, two chargers, drivers, on http://localhost:8080.
	$(BINARY) demo

check: ## Inner loop: build and run the Swift tests on SQLite.
	@Scripts/setup.sh build
	$(SWIFT) build --build-tests $(FLAGS)
	$(SWIFT) test --skip-build $(FLAGS) --skip EndToEndTests

test: ## Every test, with a real PostgreSQL, a real charger, a real browser and hledger.
	@Scripts/setup.sh test
	@Scripts/test.sh "$(FLAGS)"

tidy: ## Print the house-style report.
	AMPTILL_TIDY_REPORT=1 $(SWIFT) test $(FLAGS) --filter TidyTests

format: ## Lay out all Swift code.
	$(SWIFT) format -i -r Sources Tests Package.swift

diagrams: ## Draw docs/specs/machines.md from the tables of the machines.
	AMPTILL_DRAW=1 $(SWIFT) test $(FLAGS) --filter MachinePageTests

crash: build ## Kill the server at each commit and gateway call of a visit, on both engines; takes long.
	@Scripts/setup.sh test
	@Scripts/crash.sh "$(FLAGS)"

simulate: build ## Flood the whole path with faults and check the promises.
	$(BINARY) simulate --seed 7 --sessions 200

fuzz-tariffs: ## Feed tariffs and sessions of nonsense to the rater for ten minutes (libFuzzer).
	@Scripts/fuzz-tariffs.sh 600

bench: ## Measure, in release.
	@Scripts/setup.sh test
	$(SWIFT) build -c release $(RELEASE) --scratch-path .build-release --product amptill
	@Scripts/bench.sh .build-release/release/amptill

bench-chargers: ## Measure stations beside the Python peer: throughput and a storm of 5,000.
	@Scripts/setup.sh test
	$(SWIFT) build -c release $(RELEASE) --scratch-path .build-release --product amptill
	@Scripts/bench-chargers.sh .build-release/release/amptill --storm 5000

fuzz-frames: ## Damage frames for ten minutes; nothing may crash.
	$(SWIFT) build --build-tests $(FLAGS)
	AMPTILL_FUZZ_SECONDS=600 $(SWIFT) test --skip-build $(FLAGS) --filter FrameFuzzTests
