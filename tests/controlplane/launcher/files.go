package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// files are the paths inside one control plane's data folder. The folder is closed to other users of the machine.
type files struct{ folder string }

func (f files) path(name string) string   { return filepath.Join(f.folder, name) }
func (f files) log(program string) string { return f.path(program + ".log") }
func (f files) ca() string                { return f.path("ca.crt") }
func (f files) adminKubeconfig() string   { return f.path("admin.kubeconfig") }

// The user names in the launcher's certificates; built-in roles of the API server refer to them.
const (
	administrators    = "system:masters"
	controllerManager = "system:kube-controller-manager"
)

// writeCredentials writes all files that the programs read, except those with the port.
func writeCredentials(f files, ca *authority) error {
	serving, err := ca.server()
	if err != nil {
		return err
	}
	private, public, err := serviceAccountKeys()
	if err != nil {
		return err
	}
	contents := map[string][]byte{
		"ca.crt": ca.pem, "apiserver.crt": serving.certificate, "apiserver.key": serving.key,
		"service-account.key": private, "service-account.pub": public,
	}
	for name, data := range contents {
		if err := os.WriteFile(f.path(name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfig writes a self-contained kubeconfig, which can be copied anywhere. JSON is YAML.
func writeKubeconfig(path, server string, ca *authority, user pair) error {
	type m = map[string]any
	const name = "sender-operator-tests"
	text, err := json.MarshalIndent(m{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []m{{"name": name, "cluster": m{"server": server, "certificate-authority-data": ca.pem}}},
		"users": []m{{"name": name, "user": m{
			"client-certificate-data": user.certificate, "client-key-data": user.key,
		}}},
		"contexts": []m{{"name": name, "context": m{"cluster": name, "user": name, "namespace": "default"}}},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

func serverURL(port int) string { return fmt.Sprintf("https://127.0.0.1:%d", port) }
