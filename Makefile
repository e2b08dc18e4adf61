# make up|preview|destroy|outputs|refresh STACK=dev|staging|prod
#   SET="key=value ..."  override configuration for this call
#   DIFF=1               show every changed property
STACK ?= dev
SET   ?=
DIFF  ?=

REHEARSE := .rehearsal/bin/rehearse
FLAGS    := --stack $(STACK) --yes $(foreach s,$(SET),--set '$(s)') $(if $(DIFF),--diff)

# The SDK of AWS's EC2 is one package that takes 3.3 GiB to compile at the default
# settings; collecting garbage more often keeps it at 2.6 GiB for 20 s more, so
# that a machine with 4 GiB can build the project.
GOBUILD := GOGC=50 go build

.DEFAULT_GOAL := help
.PHONY: help up preview destroy outputs refresh reset rehearse

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 14

up preview destroy refresh: rehearse
	@$(REHEARSE) $@ $(FLAGS)

outputs: rehearse
	@$(REHEARSE) outputs --stack $(STACK)

reset: rehearse ## Forget a rehearsed stack: its state and its modelled cloud
	@$(REHEARSE) reset --stack $(STACK)

up: ## Create or update a stack in the rehearsal (STACK=dev|staging|prod)
preview: ## Show what up would change
destroy: ## Delete everything in a rehearsed stack
outputs: ## Show the outputs of a rehearsed stack
refresh: ## Bring the state in line with the modelled cloud

# go build looks at the sources itself and does nothing if none has changed.
rehearse:
	@$(GOBUILD) -C rehearsal -o ../$(REHEARSE) ./cmd/rehearse
