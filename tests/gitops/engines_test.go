package gitops

import (
	"os"
	"strings"
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/kubectl/pkg/cmd/wait"
)

// argo returns Argo CD's health, from its own Lua engine with the overrides of its own ConfigMap.
func argo(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	vm := lua.VM{ResourceOverrides: overrides(t)}
	script, _, err := vm.GetHealthScript(object)
	if err != nil || script == "" {
		t.Fatalf("no health script for %s: %v", object.GetKind(), err)
	}
	health, err := vm.ExecuteHealthLua(object, script)
	if err != nil {
		t.Fatal(err)
	}
	if health.Message == "" {
		t.Errorf("%s: Argo CD has nothing to say", object.GetKind())
	}
	return string(health.Status)
}

// overrides returns the overrides in the shipped ConfigMap, parsed as Argo CD does.
func overrides(t *testing.T) map[string]v1alpha1.ResourceOverride {
	t.Helper()
	found := map[string]v1alpha1.ResourceOverride{}
	for key, script := range configMap(t) {
		kind := strings.TrimPrefix(key, "resource.customizations.health.")
		found[strings.Replace(kind, "_", "/", 1)] = v1alpha1.ResourceOverride{HealthLua: script}
	}
	return found
}

// kstatus returns the status that Flux, Helm's --wait and others compute.
func kstatus(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	result, err := status.Compute(object)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status.String()
}

// kubectlWait returns whether `kubectl wait --for=condition=Ready` succeeds on the object as it is.
func kubectlWait(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	nowhere := "http://127.0.0.1:1"
	getter := genericclioptions.NewConfigFlags(false)
	getter.APIServer = &nowhere
	flags := wait.NewWaitFlags(getter, genericiooptions.NewTestIOStreamsDiscard())
	flags.ForCondition, flags.Timeout = "condition=Ready", 0
	options, err := flags.ToOptions([]string{"any/any"})
	if err != nil {
		t.Fatal(err)
	}
	kind := object.GroupVersionKind()
	resources := schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: plural(kind.Kind)}
	lists := map[schema.GroupVersionResource]string{resources: kind.Kind + "List"}
	options.DynamicClient = fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), lists, object.DeepCopy())
	options.ResourceFinder = genericclioptions.NewSimpleFakeResourceFinder(&resource.Info{
		Namespace: object.GetNamespace(), Name: object.GetName(), Object: object,
		Mapping: &meta.RESTMapping{Resource: resources, GroupVersionKind: kind, Scope: meta.RESTScopeNamespace},
	})
	if options.RunWait() == nil {
		return "met"
	}
	return "not met"
}

func plural(kind string) string {
	lower := strings.ToLower(kind)
	if strings.HasSuffix(lower, "ss") {
		return lower + "es"
	}
	return lower + "s"
}

func read(t *testing.T, file string) *unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return object
}
