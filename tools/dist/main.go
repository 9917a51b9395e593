// Command dist builds kaliper for every platform and packs the archives of a release with
// their checksums. The same source and version give the same bytes: builds are trimmed of
// paths, and archives carry one fixed time.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// platform is an operating system and an architecture as Go names them.
type platform struct{ system, architecture string }

func platforms() []platform {
	var all []platform
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, architecture := range []string{"amd64", "arm64"} {
			all = append(all, platform{system, architecture})
		}
	}
	return all
}

// documents go into every archive, where they exist.
func documents() []string { return []string{"LICENSE", "README.md", "CHANGELOG.md"} }

func main() {
	source := flag.String("source", "..", "the module's root")
	output := flag.String("output", "../dist", "directory for the archives; emptied first")
	version := flag.String("version", "development", "version to stamp")
	flag.Parse()
	if err := run(*source, *output, *version); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(source, output, version string) error {
	if err := os.RemoveAll(output); err != nil {
		return err
	}
	if err := os.MkdirAll(output, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "kaliper-dist-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var archives []string
	for _, p := range platforms() {
		archive, err := pack(source, output, work, version, p)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", p.system, p.architecture, err)
		}
		fmt.Println(archive)
		archives = append(archives, archive)
	}
	return writeChecksums(archives, filepath.Join(output, "SHA256SUMS"))
}

// pack builds the binary for a platform and returns the path of its archive.
func pack(source, output, work, version string, p platform) (string, error) {
	name := fmt.Sprintf("kaliper_%s_%s_%s", strings.ReplaceAll(strings.TrimPrefix(version, "v"), "/", "-"), p.system, p.architecture)
	binary := filepath.Join(work, name)
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version="+version, "-o", binary, "./cmd/kaliper")
	command.Dir = source
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.architecture)
	if message, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, message)
	}
	members := []member{{path: binary, name: name + "/kaliper", mode: 0o755}}
	if p.system == "windows" {
		members[0].name += ".exe"
	}
	for _, document := range documents() {
		path := filepath.Join(source, document)
		if _, err := os.Stat(path); err == nil {
			members = append(members, member{path: path, name: name + "/" + document, mode: 0o644})
		}
	}
	write, extension := writeTarGzip, ".tar.gz"
	if p.system == "windows" {
		write, extension = writeZip, ".zip"
	}
	archive := filepath.Join(output, name+extension)
	return archive, create(archive, func(w io.Writer) error { return write(w, members) })
}

// writeChecksums writes what `sha256sum --check` reads.
func writeChecksums(archives []string, path string) error {
	slices.Sort(archives)
	var text strings.Builder
	for _, archive := range archives {
		content, err := os.ReadFile(archive)
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(content), filepath.Base(archive))
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}
