# kaliper: Go and make build, test and show it; nothing else is needed for build, demo and
# test. What needs more says so.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
KAFKA_VERSION ?= 4.3.1
NODES ?= 1
PORT ?= 9092
FUZZTIME ?= 10s

GO ?= go
LDFLAGS := -s -w -X main.version=$(VERSION)
TOOL := $(GO) tool -modfile=tools/go.mod
KAFKA := $(GO) run ./internal/kafkatest/cmd/kafka

# Everything but the race detector is compiled in one way, so that it is compiled once.
export CGO_ENABLED := 0

.DEFAULT_GOAL := help
.PHONY: help build demo test test-kafka race fuzz fmt vet lint vuln dist kafka-up kafka-down clean \
	bench bench-recording bench-overhead bench-slip bench-stall bench-peers bench-steady bench-fidelity bench-fidelity-smoke bench-trust bench-trust-clean bench-gate-live bench-integrity bench-lag bench-drain bench-exactly-once bench-search bench-plan gate-characteristics choose-characteristics search-characteristics

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build the static binary bin/kaliper
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/kaliper ./cmd/kaliper

demo: build ## build, then compare two settings on the simulated broker, with a report
	bin/kaliper run demo --allow untrusted,inconclusive

# Most of the parallel tests wait for simulated brokers: more of them than processors go on at a time.
test: ## run all tests that need Go alone
	$(GO) test -short -parallel 4 ./...

# All that `make test` leaves out; short_test.go holds the names. One package at a time, for a
# cluster of three fills a small machine, and three tests of it, for most of them mostly wait.
test-kafka: ## run the tests on real Apache Kafka, and those too long for make test (needs Java 17 and Maven)
	KALIPER_REQUIRE_KAFKA=1 $(GO) test -count=1 -p 1 -parallel 3 -timeout 30m -run '^Test(OnRealKafka|InFull)' \
		$$(grep -rlE --include='*_test.go' '^func Test(OnRealKafka|InFull)' *.go bench cmd docs internal report results scenarios workload | xargs -n 1 dirname | sort -u | sed 's,^,./,')

# Packages whose goroutines share memory; race_test.go finds one that is missing. What they import
# is watched with them. All others compute or render in one goroutine: nothing can race there, and
# the detector makes it ten times as slow.
RACE := ./internal/dedup ./internal/experiment ./internal/kafka ./internal/lagexport ./internal/measure \
	./internal/metric ./internal/pace ./internal/property ./workload
# Of these only what has more than one goroutine: trials, signals, lag, doctor, deleting topics, and
# reading and summarizing many trials at a time.
RACE_PARTS := ./cmd/kaliper ./internal/analysis ./results
RACE_PARTS_RUN := ARunMeasures|ASignal|AGateFinds|AMatrixOverClusters|Lag|DoctorMeasures|TopicsDelete|OpenRun|Summary

# make lint vets the tests.
race: ## run the tests of what has goroutines under the race detector (needs gcc)
	CGO_ENABLED=1 $(GO) test -race -short -vet=off -parallel 4 $(RACE)
	CGO_ENABLED=1 $(GO) test -race -short -vet=off -parallel 4 -run '$(RACE_PARTS_RUN)' $(RACE_PARTS)

fuzz: ## fuzz every decoder and parser for FUZZTIME (10s) each
	@grep -rno --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' bench cmd internal report results scenarios workload \
		| sed 's/:[0-9]*:func / /' \
		| while read -r file name; do \
			echo "$$name in $$(dirname "$$file")"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" || exit 1; \
		done

fmt: ## say which files gofmt would change
	@unformatted=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

# To vet for other systems would compile all that is imported once for each of them.
vet: ## vet for this system, and type-check for Linux, macOS and Windows
	$(GO) vet ./...
	$(GO) -C tools vet ./...
	$(GO) -C tools run ./typecheck -source .. $(filter-out $(shell $(GO) env GOOS),linux darwin windows)

lint: fmt vet ## gofmt, vet and staticcheck
	$(TOOL) staticcheck ./...

vuln: ## look for known vulnerabilities (needs the network: vuln.go.dev)
	.ci/vulncheck

dist: ## make archives for Linux, macOS and Windows with checksums in dist/
	$(GO) -C tools run ./dist -source .. -output ../dist -version '$(VERSION)'

kafka-up: ## start real Kafka (KAFKA_VERSION=4.3.1 NODES=1 PORT=9092), print its bootstrap servers
	@$(KAFKA) up -version $(KAFKA_VERSION) -nodes $(NODES) -port $(PORT)

kafka-down: ## stop it and remove its data
	@$(KAFKA) down

bench: bench-recording bench-overhead bench-slip bench-stall bench-peers bench-steady ## measure all figures of docs/benchmarks.md (35 minutes; needs Java 17 and Maven)

bench-recording: ## cost of recording one record
	$(GO) test -run '^$$' -bench . -benchmem ./internal/measure ./workload

bench-overhead: build ## fixed costs: the demo's, check, a report of 200 trials
	$(GO) run ./bench/overhead

bench-slip: build ## lateness and cost of the pacer at 2,000 wakes/s and 20,000 records/s
	$(GO) run ./bench/slip

bench-stall: build ## latency through a broker that stops for 3 s
	$(GO) run ./bench/stall

bench-peers: build ## throughput and CPU beside a bare franz-go loop and Kafka's own tools
	$(GO) build -o bin/barefranz ./bench/barefranz
	$(GO) run ./bench/peers

bench-steady: build ## memory over 10 minutes at 100,000 records/s
	$(GO) run ./bench/steady

bench-fidelity: build ## kaliper beside Kafka's own producer in 48 cells (30 minutes, resumable; needs a JDK 17 and Maven)
	$(GO) run ./bench/fidelity -page docs/java-fidelity.md

# It shows that the benchmark works; one pair says nothing about the figures.
bench-fidelity-smoke: build ## one pair of one cell of bench-fidelity
	$(GO) run ./bench/fidelity -rounds 1 -only '2000/s, linger 5, batch 16 KiB, lz4, keyless' -file .cache/fidelity-smoke-$$$$.ndjson

# Resumes: what was measured is in results/bench-gate-live.ndjson; remove that to begin anew.
bench-gate-live: build ## 40 gates on a real broker: equal sides, more CPU, more latency (80 minutes, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/gatelive

bench-integrity: build ## 500 trials with planted anomalies and 100 clean ones, then what integrity costs (10 minutes; no Kafka)
	$(GO) test -count=1 -timeout 30m ./workload -run 'EveryPlantedAnomaly|CleanTrials' -integrity-seeds 100
	$(GO) run ./bench/integrity

# Resumes: what was measured is in results/bench-exactly-once.ndjson; remove that to begin anew.
bench-exactly-once: build ## an exactly-once pipeline through the loss of a broker, 10 runs on three brokers (13 minutes, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/exactlyonce

bench-lag: ## time until kaliper lag reports a lag, on a real broker (1 minute; needs Java 17 and Maven)
	KALIPER_REQUIRE_KAFKA=1 $(GO) test -run '^$$' -bench TimeUntilLagIsReported -benchtime 30x ./cmd/kaliper

# Resumes: what was measured is in results/bench-drain.ndjson; remove that to begin anew.
bench-drain: build ## 18 drains on a real broker, measured and predicted (6 minutes, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/drain

bench-trust: build ## faults planted in kaliper's own machine (18 minutes, resumable; root for the quota; needs Java 17 and Maven)
	$(GO) run ./bench/trust $(TRUST)

# Resumes. A test then holds the clean trials to their bound, and docs/trust.md shows them.
bench-trust-clean: build ## record 40 clean trials for the test of the thresholds (9 minutes of an idle machine, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/trust -only clean -file internal/analysis/testdata/trust.ndjson
	$(GO) test -count=1 ./docs -run HowOftenTrustErrs -update
	$(GO) test -count=1 ./internal/analysis -run PlantedFaults

gate-characteristics: ## print how often the gate passes and fails, simulated (20 s)
	$(GO) run ./bench/gate

choose-characteristics: ## print how often the choice of the best case is right, simulated (2 minutes)
	$(GO) run ./bench/choose

# Resumes: what was measured is in results/bench-search.ndjson; remove that to begin anew.
bench-search: build ## 20 quick and 4 normal searches on real brokers with a known quota, 4 at a time (35 minutes, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/searchlive

search-characteristics: ## print how well the search finds known capacities, simulated (4 minutes)
	$(GO) run ./bench/search

bench-plan: build ## hold the capacity model against 16 configurations that it did not see (20 minutes, resumable; needs Java 17 and Maven)
	$(GO) run ./bench/plan -page docs/plan.md

clean: ## remove what was built
	rm -rf bin dist
