package main

import (
	"fmt"
	"strings"
)

// Names of the programs, as in commands on stdin and in the answer.
const (
	etcd        = "etcd"
	apiServer   = "kube-apiserver"
	kubeManager = "kube-controller-manager"
)

// etcd listens on sockets in the data folder: it needs no port, and other users of the machine cannot reach it.
func etcdEndpoint(f files) string { return "unix://" + f.path("etcd.sock") }

func etcdArguments(f files) []string {
	// A single-member cluster never calls itself: any address that passes etcd's flag validation is sufficient.
	const nobody = "http://127.0.0.1:1"
	return []string{
		"--data-dir=" + f.path("etcd"),
		// The data is deleted with the test, so it need not survive a power cut; each fsync costs milliseconds.
		"--unsafe-no-fsync",
		"--listen-client-urls=" + etcdEndpoint(f), "--advertise-client-urls=" + nobody,
		"--listen-peer-urls=unix://" + f.path("peer.sock"),
		"--initial-advertise-peer-urls=" + nobody, "--initial-cluster=default=" + nobody,
		"--log-level=warn",
	}
}

func apiServerArguments(f files, port int) []string {
	return []string{
		"--etcd-servers=" + etcdEndpoint(f),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + f.path("apiserver.crt"), "--tls-private-key-file=" + f.path("apiserver.key"),
		"--client-ca-file=" + f.ca(),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + f.path("service-account.key"),
		"--service-account-key-file=" + f.path("service-account.pub"),
		"--service-cluster-ip-range=10.0.0.0/24",
		// A loopback address can't be an endpoint of the service `kubernetes`, and nothing runs in pods here.
		"--endpoint-reconciler-type=none",
	}
}

// The controllers that matter to tests of an operator. Without nodes and pods, the others would only list and watch.
var controllers = []string{
	"namespace-controller",
	"garbage-collector-controller",
	"serviceaccount-controller",
	"serviceaccount-token-controller",
	"clusterrole-aggregation-controller",
	"root-ca-certificate-publisher-controller",
	"validatingadmissionpolicy-status-controller",
}

func managerArguments(f files) []string {
	return []string{
		"--kubeconfig=" + f.path("kube-controller-manager.kubeconfig"),
		"--controllers=" + strings.Join(controllers, ","),
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + f.path("service-account.key"),
		"--root-ca-file=" + f.ca(),
		"--leader-elect=false",
		// No port. Its objects show that it works.
		"--secure-port=0",
		// With its default rate limit (20 calls per second), the deletion of a namespace takes seconds.
		"--kube-api-qps=500", "--kube-api-burst=1000", "--concurrent-namespace-syncs=20",
	}
}
