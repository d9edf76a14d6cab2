// Decides dumped requests with the RBAC authorizer of Kubernetes itself, and compares.
//
// Each line of the input is one project: its manifests and the requests about it, with the answer
// that is expected. The exit status is 1 when an answer differs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
	"sigs.k8s.io/yaml"
)

type project struct {
	Name     string            `json:"name"`
	Files    map[string]string `json:"files"`
	Requests []request         `json:"requests"`
}

type request struct {
	Account string `json:"account"`
	// In place of an account: anybody.
	User   string   `json:"user"`
	Groups []string `json:"groups"`
	// In place of a resource: a path of the API server.
	Path        string `json:"path"`
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	Allow       bool   `json:"allow"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func load(files map[string]string) *rbac.RBACAuthorizer {
	var roles []*rbacv1.Role
	var clusterRoles []*rbacv1.ClusterRole
	var bindings []*rbacv1.RoleBinding
	var clusterBindings []*rbacv1.ClusterRoleBinding
	take := func(path, document string) {
		var kind struct {
			Kind string `json:"kind"`
		}
		must(yaml.Unmarshal([]byte(document), &kind))
		switch kind.Kind {
		case "Role":
			object := &rbacv1.Role{}
			must(yaml.UnmarshalStrict([]byte(document), object))
			roles = append(roles, object)
		case "ClusterRole":
			object := &rbacv1.ClusterRole{}
			must(yaml.UnmarshalStrict([]byte(document), object))
			clusterRoles = append(clusterRoles, object)
		case "RoleBinding":
			object := &rbacv1.RoleBinding{}
			must(yaml.UnmarshalStrict([]byte(document), object))
			bindings = append(bindings, object)
		case "ClusterRoleBinding":
			object := &rbacv1.ClusterRoleBinding{}
			must(yaml.UnmarshalStrict([]byte(document), object))
			clusterBindings = append(clusterBindings, object)
		case "ServiceAccount", "TokenRequest", "CronJob", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "":
		default:
			must(fmt.Errorf("%s: unexpected kind %q", path, kind.Kind))
		}
	}
	for path, text := range files {
		for _, document := range strings.Split(text, "\n---\n") {
			var kind struct {
				Kind  string            `json:"kind"`
				Items []json.RawMessage `json:"items"`
			}
			must(yaml.Unmarshal([]byte(document), &kind))
			if kind.Kind == "List" {
				for _, item := range kind.Items {
					take(path, string(item))
				}
				continue
			}
			take(path, document)
		}
	}
	_, static := validation.NewTestRuleResolver(roles, bindings, clusterRoles, clusterBindings)
	return rbac.New(static, static, static, static)
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<30)
	total, allowed, wrong := 0, 0, 0
	for input.Scan() {
		var p project
		must(json.Unmarshal(input.Bytes(), &p))
		engine := load(p.Files)
		for _, r := range p.Requests {
			who := &user.DefaultInfo{Name: r.User, Groups: r.Groups}
			if r.Account != "" {
				space, name, _ := strings.Cut(r.Account, "/")
				who.Name = "system:serviceaccount:" + space + ":" + name
				who.Groups = []string{"system:serviceaccounts", "system:serviceaccounts:" + space, "system:authenticated"}
			}
			decision, reason, _ := engine.Authorize(context.Background(), authorizer.AttributesRecord{
				User: who, Path: r.Path,
				Verb: r.Verb, APIGroup: r.Group, APIVersion: "v1", Resource: r.Resource, Subresource: r.Subresource,
				Namespace: r.Namespace, Name: r.Name, ResourceRequest: r.Path == "",
			})
			allow := decision == authorizer.DecisionAllow
			total++
			if allow {
				allowed++
			}
			if allow != r.Allow {
				wrong++
				if wrong <= 10 {
					fmt.Printf("kubernetes: %s: expected allow=%v, engine says %v (%s) for %+v\n", p.Name, r.Allow, allow, reason, r)
				}
			}
		}
	}
	must(input.Err())
	fmt.Printf("kubernetes: %d requests, %d allowed, %d disagreements\n", total, allowed, wrong)
	if wrong > 0 || total == 0 {
		os.Exit(1)
	}
}
