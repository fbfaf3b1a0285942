# The front door of the repository. `make run` and `make test` work on a fresh machine with Go and a C compiler; the rest
# is for people who change Signet. Portable to GNU make 3.81 (macOS): no .ONESHELL, no !=, no functions newer than that.
# What a target does beyond one command stands in internal/make, where a test runs it against fake package managers.

SHELL  := /bin/sh
GO     ?= go
BIN    := bin/signet
M      := internal/make

# Systems that every change is built and vetted for without cgo; internal/archtest compares the list with .goreleaser.yaml.
CROSS := linux/arm64 darwin/arm64 windows/amd64

# T=30s gives every fuzz target that long; without T all targets share TOTAL.
T     ?=
TOTAL ?= 4m

.DEFAULT_GOAL := help
.PHONY: help run build test deps lab lab-deps vet cross bench lint fmt fuzz release-check man completions pictures clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

run: ## install what the build needs, build, and open Signet (without a terminal: the tour)
	@sh $(M)/deps.sh --soft build
	@$(MAKE) --no-print-directory build
	@if [ -t 0 ] && [ -t 1 ]; then exec ./$(BIN); else exec ./$(BIN) tour; fi

build: ## build bin/signet
	@. ./$(M)/goenv.sh && sh $(M)/build.sh $(BIN)

deps: ## install what building and testing need
	@sh $(M)/deps.sh build test

test: ## install what is missing, then vet and run every test
	@sh $(M)/deps.sh $(if $(CI),,--soft) build test
	@$(MAKE) --no-print-directory vet
	@. ./$(M)/goenv.sh && set -x && $(GO) test $(if $(CI),-timeout 15m $$SIGNET_RACE,) ./...
	@$(if $(CI),. ./$(M)/goenv.sh && set -x && $(GO) test ./vault ./passkeys/client,:) # every crash point, every changed byte: with the race detector they look at few
	@$(MAKE) --no-print-directory cross

lab-deps: ## install what the kernel lab needs: QEMU, Chromium (Debian and Ubuntu)
	@sh $(M)/deps.sh build test lab

# RUN=TestName runs one job only; KEEP=yes leaves the logs; LIMIT ends it all.
RUN   ?=
KEEP  ?=
LIMIT ?= 8m
lab: ## boot a Linux kernel under QEMU and judge the virtual key there with udev, ssh and Chromium
	@sh $(M)/deps.sh $(if $(CI),,--soft) build test lab
	@. ./$(M)/goenv.sh && $(GO) run ./internal/lab -limit "$(LIMIT)" -run "$(RUN)" $(if $(KEEP),-keep,)

vet:
	@. ./$(M)/goenv.sh && set -x && $(GO) mod verify && $(GO) vet ./...

cross: ## build and vet for the other systems, without cgo
	@. ./$(M)/goenv.sh && for t in $(CROSS); do \
	  echo "+ CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} go build ./... && go vet ./..."; \
	  CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build ./... && \
	  CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./... || exit 1; \
	done

bench: build ## measure the real program at 100, 10,000 and 100,000 entries; prints the README's table
	@. ./$(M)/goenv.sh && sh $(M)/bench.sh

lint: ## formatting and static analysis
	@. ./$(M)/goenv.sh && sh $(M)/lint.sh

fmt: ## gofmt every file
	@gofmt -l -w $$(git ls-files '*.go')

fuzz: ## run every fuzz target; T=30s gives each that long, TOTAL=4m shares the time
	@. ./$(M)/goenv.sh && sh $(M)/fuzz.sh "$(T)" "$(TOTAL)"

release-check: ## check the release configuration and build a snapshot of it
	@. ./$(M)/goenv.sh && sh $(M)/release-check.sh

man: build ## write the manual pages to dist-extra/man
	@sh $(M)/extras.sh man

completions: build ## write the shell completions to dist-extra/completions
	@sh $(M)/extras.sh completions

pictures: ## take the pictures of the README and docs/TOUR.md from the real program in tmux
	@. ./$(M)/goenv.sh && sh $(M)/pictures.sh

clean: ## remove what building left
	rm -rf bin dist dist-extra
