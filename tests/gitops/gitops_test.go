// Package gitops tests the operator's statuses in the engines that people use: Argo CD's, kstatus and kubectl wait.
//
// The operator itself writes the fixtures (tests/reconciles/fixtures.rs). UPDATE=1 writes the ConfigMap and the table
// of docs/gitops.md.
package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// situation is one row of the table.
type situation struct{ fixture, words, argo, kstatus, wait string }

var situations = []situation{
	{"domain-no-operator-has-seen-it", "no operator has observed it yet", "Progressing", "InProgress", "not met"},
	{"domain-waits-for-its-records", "waiting for the DNS team to publish the records", "Progressing", "InProgress", "not met"},
	{"domain-proven-and-waits-for-dkim", "proven, but the DKIM records are missing", "Progressing", "InProgress", "not met"},
	{"domain-ready", "Ready", "Healthy", "Current", "met"},
	{"domain-ready-and-edited-since", "was Ready, then edited", "Progressing", "InProgress", "not met"},
	{"domain-being-deleted", "being deleted, blocked by a finalizer of another controller", "Progressing", "Terminating", "not met"},
	{"domain-ready-with-a-wrong-record", "Ready, with a wrong record while SES still sends", "Healthy", "Current", "met"},
	{"domain-ready-with-its-proof-gone", "Ready, with a lost proof during the grace period", "Healthy", "Current", "met"},
	{"domain-ready-while-aws-is-down", "was Ready, but AWS is down", "Healthy", "Current", "met"},
	{"domain-never-ready-while-aws-is-down", "was never Ready, and AWS is down", "Progressing", "InProgress", "not met"},
	{"domain-of-another-tenant", "another tenant owns the domain", "Degraded", "Failed", "not met"},
	{"domain-displaced", "another tenant proved the domain after the grace period", "Degraded", "Failed", "not met"},
	{"domain-asked-for-twice", "another resource of the tenant holds the domain", "Degraded", "Failed", "not met"},
	{"domain-public-suffix", "a public suffix", "Degraded", "Failed", "not met"},
	{"domain-identity-of-others", "SES has an identity that the operator did not create", "Degraded", "Failed", "not met"},
	{"domain-suspended", "suspended", "Suspended", "InProgress", "not met"},
	{"domain-dry-run", "dry run with a plan", "Progressing", "InProgress", "not met"},
	{"address-no-operator-has-seen-it", "no operator has observed it yet", "Progressing", "InProgress", "not met"},
	{"address-without-a-domain", "no tenant holds its domain", "Progressing", "InProgress", "not met"},
	{"address-waits-for-its-owner", "the mailbox owner was asked", "Progressing", "InProgress", "not met"},
	{"address-held-back-by-a-limit", "the email is held back by a limit", "Progressing", "InProgress", "not met"},
	{"address-ready", "confirmed", "Healthy", "Current", "met"},
	{"address-whose-domain-is-not-ready", "confirmed, but its domain is not Ready", "Progressing", "InProgress", "not met"},
	{"address-of-another-tenants-domain", "another tenant owns its domain", "Degraded", "Failed", "not met"},
	{"address-declined", "the mailbox owner declined", "Degraded", "Failed", "not met"},
	{"address-withdrawn", "the mailbox owner withdrew the confirmation", "Degraded", "Failed", "not met"},
	{"address-expired", "no answer within 24 hours", "Degraded", "Failed", "not met"},
	{"claim-provisional", "no tenant has proven the domain yet", "Healthy", "Current", "not met"},
	{"claim-held", "one tenant holds the domain", "Healthy", "Current", "not met"},
	{"claim-releasing", "being released", "Progressing", "Current", "not met"},
	{"claim-released", "released", "Healthy", "Current", "not met"},
}

const (
	script = "../../deploy/argocd/health.lua"
	patch  = "../../deploy/argocd/argocd-cm.yaml"
	page   = "../../docs/gitops.md"
)

// First, because with UPDATE=1 the other tests use its output.
func TestTheConfigMapHoldsTheScriptForEachKind(t *testing.T) {
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"SenderAddress", "SenderClaim", "SenderDomain"}
	made := `# A patch for Argo CD's ConfigMap: health of the operator's resources. With Argo CD's Helm chart, put the same three
# keys under configs.cm in its values. Each key contains health.lua; ` + "`UPDATE=1 make gitops`" + ` writes them.
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
data:
`
	for _, kind := range kinds {
		made += "  resource.customizations.health.sender-operator.io_" + kind + ": |\n"
		for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
			made += strings.TrimRight("    "+line, " ") + "\n"
		}
	}
	same(t, patch, made)
	if scripts := configMap(t); len(scripts) != len(kinds) {
		t.Errorf("%d scripts", len(scripts))
	}
}

func TestEachSituationLooksTheSameToAllEngines(t *testing.T) {
	for _, row := range situations {
		t.Run(row.fixture, func(t *testing.T) {
			object := read(t, filepath.Join("fixtures", row.fixture+".json"))
			got := situation{row.fixture, row.words, argo(t, object), kstatus(t, object), kubectlWait(t, object)}
			if got != row {
				t.Errorf("got  %v\nwant %v", got, row)
			}
		})
	}
}

func TestEveryFixtureHasARow(t *testing.T) {
	files, err := filepath.Glob("fixtures/*.json")
	if err != nil || len(files) != len(situations) {
		t.Fatalf("%d fixtures, %d rows (%v)", len(files), len(situations), err)
	}
}

func TestThePageShowsTheTable(t *testing.T) {
	table := "| resource | situation | Argo CD | kstatus (Flux, `helm --wait`) | `kubectl wait --for=condition=Ready` |\n| --- | --- | --- | --- | --- |\n"
	for _, row := range situations {
		resource, _, _ := strings.Cut(row.fixture, "-")
		table += fmt.Sprintf("| %s | %s | %s | %s | %s |\n", resource, row.words, row.argo, row.kstatus, row.wait)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- table: written by make gitops -->\n", "<!-- end of table -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", page)
	}
	same(t, page, head+begin+table+end+tail)
}

// same compares a file with its expected content, and writes it with UPDATE=1.
func same(t *testing.T, file, want string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || string(have) != want {
		t.Errorf("%s is not what it has to be (%v): run `UPDATE=1 make gitops`", file, err)
	}
}

// configMap returns the keys of the shipped ConfigMap.
func configMap(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	var object struct{ Data map[string]string }
	if err := yaml.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object.Data
}
