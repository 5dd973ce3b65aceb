// One program for the parts of a Kubernetes control plane: etcd, the API server, the controller manager and the scheduler,
// and kubectl to look at it. Nodes are not among them: ../kwok plays those.
//
// They are the real ones, as libraries. The program's own name (a link called kubectl) or else its first argument says
// which to be; the rest are that part's own flags.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// endsWithStdin names the variable that ties a part to whoever started it.
const endsWithStdin = "CONTROL_PLANE_ENDS_WITH_STDIN"

var parts = map[string]func() int{
	"etcd":                    runEtcd,
	"kube-apiserver":          func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
	"kube-controller-manager": func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
	"kube-scheduler":          func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
	"kubectl":                 runKubectl,
}

func main() {
	run, known := parts[filepath.Base(os.Args[0])]
	if !known {
		if len(os.Args) > 1 {
			run, known = parts[os.Args[1]]
		}
		if !known {
			fmt.Fprintln(os.Stderr, "usage: control-plane etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubectl [flags]")
			os.Exit(2)
		}
		// Each part reads the arguments itself, and takes the first for its name.
		os.Args = os.Args[1:]
	}
	if os.Getenv(endsWithStdin) != "" {
		go endWithStdin()
	}
	os.Exit(run())
}

// endWithStdin ends this process when the other end of its standard input is gone: a part must not outlive a starter that
// was killed and could not stop it.
func endWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Fprintln(os.Stderr, "control-plane: whoever started this is gone")
	os.Exit(1)
}

func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}

func runKubectl() int {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	return 0
}
