# make up|preview|destroy|outputs|refresh|report STACK=dev|staging|prod
#   SET="key=value ..."  override configuration for this call
#   DIFF=1               show every changed property
#   FAULTS="after:create:aws:rds/* ..."   make operations fail once (up, refresh, destroy)
#   EXPORT=file          report what `pulumi stack export` wrote, instead of rehearsing
#   ASSUME="key=value …" report with another use assumed
# make prove STACK=...      and prove-growth take SET too
# make e2e ONLY=dev,grow only these runs
STACK  ?= dev
SET    ?=
DIFF   ?=
FAULTS ?=
EXPORT ?=
ASSUME ?=

REHEARSE := .rehearsal/bin/rehearse
FLAGS    := --stack $(STACK) --yes $(foreach s,$(SET),--set '$(s)') $(if $(DIFF),--diff)

# The same results in less memory; see the script.
TOOLEXEC := -toolexec='$(CURDIR)/rehearsal/toolexec.sh'

.DEFAULT_GOAL := help
.PHONY: help up preview destroy outputs refresh reset promote capacity e2e verify report faults tamper drift operations diff rehearse properties test race lint breakages server-test server-speed prove prove-growth bench docs licenses audit dist policy

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 14

up preview destroy refresh: rehearse
	@$(REHEARSE) $@ $(FLAGS) $(if $(filter-out preview,$@),$(foreach f,$(FAULTS),--fault '$(f)'))

outputs: rehearse
	@$(REHEARSE) outputs --stack $(STACK)

reset: rehearse ## Forget a rehearsed stack: its state and its modelled cloud
	@$(REHEARSE) reset --stack $(STACK)

promote: rehearse ## Grow a stack from phase 1 to 3: what each step does, and that no data is lost
	@$(REHEARSE) promote --stack $(STACK) $(foreach s,$(SET),--set '$(s)')

faults: rehearse ## Interrupt every update at every operation: the next one must mend it
	@$(REHEARSE) cli
	@go build -C rehearsal $(TOOLEXEC) -o ../.rehearsal/bin/faults ./cmd/faults
	@.rehearsal/bin/faults

tamper: rehearse ## Change a modelled cloud behind Pulumi's back (STACK=, CHANGE=)
	@$(REHEARSE) tamper --stack $(STACK) $(CHANGE)

drift: rehearse ## List the security group rules that no resource owns (STACK= or EXPORT=FILE)
	@$(REHEARSE) drift --stack $(STACK) $(if $(EXPORT),--export $(EXPORT))

# Its own program: drawing takes long to compile, and only the report draws.
REPORT := .rehearsal/bin/report
report: ## Write a stack's topology, access, cost, time and controls as an HTML page
	@go build -C rehearsal $(TOOLEXEC) -o ../$(REPORT) ./cmd/report
	@$(REPORT) $(if $(EXPORT),--export '$(EXPORT)',--stack $(STACK) $(foreach s,$(SET),--set '$(s)')) $(foreach a,$(ASSUME),--assume '$(a)')

capacity: ## Say how many visitors a stack stands, where it breaks first, and what to raise
	@go build -C rehearsal $(TOOLEXEC) -o ../$(REPORT) ./cmd/report
	@$(REPORT) --capacity $(if $(EXPORT),--export '$(EXPORT)',--stack $(STACK) $(foreach s,$(SET),--set '$(s)')) $(foreach a,$(ASSUME),--assume '$(a)')

e2e: ## Run all stacks on the real AWS provider against an AWS API server on loopback
	@go build -C rehearsal $(TOOLEXEC) -tags e2e -o ../.rehearsal/bin/e2e ./cmd/e2e
	@.rehearsal/bin/e2e $(if $(ONLY),--only $(ONLY))

verify: ## Say item by item whether AWS holds what a real stack promises (STACK= or EXPORT=FILE); changes nothing
	@go build -C rehearsal $(TOOLEXEC) -tags e2e -o ../.rehearsal/bin/verify ./cmd/verify
	@.rehearsal/bin/verify $(if $(EXPORT),--export '$(EXPORT)',--stack '$(STACK)')

up: ## Create or update a stack in the rehearsal (STACK=dev|staging|prod)
preview: ## Show what up would change
destroy: ## Delete everything in a rehearsed stack
outputs: ## Show the outputs of a rehearsed stack
refresh: ## Bring the state in line with the modelled cloud

# go build looks at the sources itself and does nothing if none has changed.
rehearse:
	@go build -C rehearsal $(TOOLEXEC) -o ../$(REHEARSE) ./cmd/rehearse

# The same versions everywhere, which tools/go.mod names.
TOOL     := go tool -modfile='$(CURDIR)/tools/go.mod'
SCRIPTS   = $(shell grep -lE '^\#!(/bin/(ba)?sh|/usr/bin/env bash)' $$(git ls-files -co --exclude-standard server rehearsal .ci))

test: ## Run the unit tests
	@command -v pulumi >/dev/null || test -e .rehearsal/bin/pulumi-* || \
		echo "SKIPPED: the tests on the real engine; there is no pulumi CLI yet (make up STACK=dev builds one)"
	@command -v shellcheck >/dev/null || \
		echo "SKIPPED: checking the servers' scripts beyond their syntax; shellcheck is not installed"
	@test "$$(id -u)" = 0 && command -v nft >/dev/null || \
		echo "SKIPPED: packets against broken networks; they need root, iproute2 and nftables"
	@go test $(TOOLEXEC) ./...
	@go test -C rehearsal $(TOOLEXEC) ./...
	@go test -C policy $(TOOLEXEC) ./...

properties: ## Draw 10,000 valid configurations: each plans within AWS's limits and grows without loss (N=, SEED=)
	@go test ./tests -timeout 60m -count=1 -run TestAnyConfiguration -v -args -configurations $(or $(N),10000) -seed $(or $(SEED),1)

diff: ## Compare a stack with an earlier revision's, as a comment on a pull request (BASE=<rev>, ALLOW=data-loss)
	@go build -C rehearsal $(TOOLEXEC) -o ../.rehearsal/bin/diff ./cmd/diff
	@.rehearsal/bin/diff --stack '$(STACK)' --base '$(BASE)' $(if $(ALLOW),--allow '$(ALLOW)')

operations: rehearse ## Run the runbook docs/operations.md in the rehearsal
	@$(REHEARSE) cli
	@go test -C rehearsal $(TOOLEXEC) -count=1 -tags runbook ./prove/operations

policy: rehearse ## Run the policy pack on the engine: the stacks pass, three broken ones are refused
	@$(REHEARSE) cli
	@go test -C rehearsal $(TOOLEXEC) -count=1 -tags engine ./prove/policy

# The packages whose goroutines share memory; the program itself has none.
RACY := ./aws/... ./run/... ./prove/growth

race: ## Run the tests of what runs at the same time under the race detector
	@go test -C rehearsal $(TOOLEXEC) -race $(RACY)

lint: ## Check formatting, Go, shell and workflows
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(TOOL) golangci-lint run ./...
	cd rehearsal && $(TOOL) golangci-lint run ./...
	cd examples && $(TOOL) golangci-lint run ./...
	cd policy && $(TOOL) golangci-lint run ./...
	$(TOOL) shfmt -d $(SCRIPTS)
	shellcheck -x $(SCRIPTS)
	$(TOOL) actionlint

# Licences that a program under Apache-2.0 may be linked with. MPL-2.0 binds its own files alone.
LICENSES := Apache-2.0,BSD-2-Clause,BSD-3-Clause,ISC,MIT,MPL-2.0,Unicode-DFS-2016

licenses: ## Check the licence of every module that the program is linked with
	$(TOOL) go-licenses check --allowed_licenses=$(LICENSES) --ignore github.com/webphases/webphases .

audit: ## Look the modules up in Go's database of vulnerabilities (needs the internet)
	$(TOOL) govulncheck ./...
	cd rehearsal && $(TOOL) govulncheck ./...
	cd policy && $(TOOL) govulncheck ./...

dist: ## Pack a release: the sources, what they are linked with (SBOM) and their sums
	@rm -rf .rehearsal/dist && mkdir -p .rehearsal/dist
	git archive --format=tar.gz --prefix=webphases/ -o .rehearsal/dist/webphases.tar.gz HEAD
	$(TOOL) cyclonedx-gomod mod -json -licenses -output .rehearsal/dist/webphases.cdx.json
	cd .rehearsal/dist && sha256sum webphases.tar.gz webphases.cdx.json >SHA256SUMS

breakages: ## Break the program on purpose: every mistake must be caught
	@go run ./tests/breakages

server-test: ## Run the servers' scripts on a real Debian 13 (root on Debian)
	@server/test/run

server-speed: ## Measure a server's pages beside Debian's own WordPress stack (root on Debian)
	@server/test/run speed

PROVE := .rehearsal/bin/prove
prove prove-growth:
	@go build -C rehearsal $(TOOLEXEC) -o ../$(PROVE) ./cmd/prove
	@$(PROVE) --stack $(STACK) $(if $(filter prove-growth,$@),--grow) $(foreach s,$(SET),--set '$(s)')

prove: ## Build a stack on this machine: packets, servers, failures under load (root on Debian)
prove-growth: ## Grow it there from phase 1 to 3, killing the migration at each step (root on Debian)

bench: rehearse ## Measure builds and rehearsals, as tables (BENCH=-quick leaves out what takes minutes)
	@go run -C rehearsal $(TOOLEXEC) ./cmd/bench -dir .. $(BENCH)

docs: ## Rewrite the documents that are made from code
	@go test ./internal/config/reference -update >/dev/null
	@go run ./tests/breakages -docs
