package gitops

import (
	_ "github.com/argoproj/argo-cd/v3/util/lua"
	_ "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	_ "k8s.io/kubectl/pkg/cmd/wait"
)
