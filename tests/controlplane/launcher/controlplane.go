package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"
)

// programs are the paths of the binaries by name.
type programs map[string]string

// controlPlane is one running control plane: etcd, API server and controller manager over one data folder.
type controlPlane struct {
	programs programs
	files    files
	port     int
	http     *http.Client
	children map[string]*process
}

// attempts to start the API server, each with another port.
const portAttempts = 5

// startControlPlane returns when namespaces get their service accounts. Its error contains the failed program and the
// end of its log. Started processes stay in children, even after an error.
func startControlPlane(ctx context.Context, programs programs, folder string) (*controlPlane, error) {
	c := &controlPlane{programs: programs, files: files{folder}, children: map[string]*process{}}
	ca, err := newAuthority()
	if err != nil {
		return c, err
	}
	if err := writeCredentials(c.files, ca); err != nil {
		return c, err
	}
	if err := c.spawn(etcd, etcdArguments(c.files)); err != nil {
		return c, err
	}
	if err := c.startOnSomePort(ctx, ca); err != nil {
		return c, err
	}
	return c, c.startManager(ctx, ca)
}

// startOnSomePort tolerates that another process takes the port between its choice and its use.
func (c *controlPlane) startOnSomePort(ctx context.Context, ca *authority) error {
	admin, err := ca.client("administrator", administrators)
	if err != nil {
		return err
	}
	if c.http, err = httpClient(ca, admin); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.startAPIServer(ctx); err == nil {
			return writeKubeconfig(c.files.adminKubeconfig(), serverURL(c.port), ca, admin)
		}
		if attempt == portAttempts || !c.children[apiServer].lostPort() {
			return err
		}
	}
}

// startAPIServer starts it on the control plane's port and returns when it reports that it is ready.
func (c *controlPlane) startAPIServer(ctx context.Context) error {
	if err := c.spawn(apiServer, apiServerArguments(c.files, c.port)); err != nil {
		return err
	}
	return c.await(ctx, apiServer, "/readyz")
}

func (c *controlPlane) startManager(ctx context.Context, ca *authority) error {
	user, err := ca.client(controllerManager)
	if err != nil {
		return err
	}
	kubeconfig := c.files.path("kube-controller-manager.kubeconfig")
	if err := writeKubeconfig(kubeconfig, serverURL(c.port), ca, user); err != nil {
		return err
	}
	if err := c.spawn(kubeManager, managerArguments(c.files)); err != nil {
		return err
	}
	return c.await(ctx, kubeManager, "/api/v1/namespaces/default/serviceaccounts/default")
}

func (c *controlPlane) spawn(name string, arguments []string) error {
	p, err := startProcess(name, c.programs[name], arguments, c.files.log(name))
	if err == nil {
		c.children[name] = p
	}
	return err
}

// startTimeout only detects a hang: a slow machine that compiles on all cores needs many times the usual seconds.
const startTimeout = 10 * time.Minute

// await polls a path of the API server until it returns 200. It ends early if a required child has ended.
func (c *controlPlane) await(ctx context.Context, name, path string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	last := error(nil)
	for {
		if last = c.get(ctx, path); last == nil {
			return nil
		}
		for _, child := range []string{etcd, apiServer, name} {
			if p := c.children[child]; p != nil && !p.running() {
				return p.failure()
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w; GET %s last: %w; its log ends with:\n%s", name, ctx.Err(), path, last, logTail(c.files.log(name), 15))
		case <-time.After(pollInterval):
		}
	}
}

func (c *controlPlane) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, serverURL(c.port)+path, nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", response.Status)
	}
	return nil
}

// killAll ends every child at once.
func (c *controlPlane) killAll() {
	for _, p := range c.children {
		p.kill()
	}
}

func httpClient(ca *authority, user pair) (*http.Client, error) {
	certificate, err := tls.X509KeyPair(user.certificate, user.key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.certificate)
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			// A connection from before a restart would use a server that has ended.
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
		},
	}, nil
}
