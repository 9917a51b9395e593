package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"kaliper/internal/pace"
)

// version is stamped by the build: -ldflags "-X main.version=v1.2.3".
var version = "development"

func newVersionCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of kaliper, Go and the client library",
		Example: "  kaliper version",
		Args:    exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			versions := versions()
			fmt.Fprintf(env.stdout, "kaliper   %s\ngo        %s\nfranz-go  %s\nplatform  %s/%s\npacer     %s\n",
				versions["kaliper"], versions["go"], versions["franz-go"], runtime.GOOS, runtime.GOARCH, pace.WaiterName)
			return nil
		},
	}
}

// versions returns the versions that a result depends on.
func versions() map[string]string {
	found := map[string]string{"kaliper": version, "go": runtime.Version(), "franz-go": "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return found
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/twmb/franz-go":
			found["franz-go"] = module.Version
		case "github.com/twmb/franz-go/pkg/kfake":
			found["kfake"] = module.Version
		}
	}
	return found
}
