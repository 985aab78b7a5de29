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

// etcd listens on sockets in the data folder: no port to lose, and nobody else on the machine can reach it.
func etcdEndpoint(f files) string { return "unix://" + f.path("etcd.sock") }

func etcdArguments(f files) []string {
	// A cluster of one never calls itself: an address that etcd's check of its flags accepts is enough.
	const nobody = "http://127.0.0.1:1"
	return []string{
		"--data-dir=" + f.path("etcd"),
		// The data is gone with the test: nothing has to survive a power cut, and each fsync costs milliseconds.
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

// The controllers that a test of an operator can notice. No node, no pod: the rest would only list and watch.
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
		// No port of its own. That it works is seen by what it makes.
		"--secure-port=0",
		// Its usual politeness (20 calls a second) makes the deletion of a namespace take seconds.
		"--kube-api-qps=500", "--kube-api-burst=1000", "--concurrent-namespace-syncs=20",
	}
}
