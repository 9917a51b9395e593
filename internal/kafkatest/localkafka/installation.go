package localkafka

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// ErrUnavailable says that this machine cannot run Kafka: Java or Maven is missing, or the
// system is none that is supported. The text of an error that wraps it says what to install.
var ErrUnavailable = errors.New("real Apache Kafka is not available here")

//go:embed pom.xml
var pom []byte

// provisionLimit bounds Maven's download, and the wait for another process that downloads.
const provisionLimit = 5 * time.Minute

// Installation is one version of Kafka on this machine: jars and the JVM to run them.
type Installation struct {
	Version string
	java    string // path
	jars    string // directory
	archive string // of classes; empty while it is being recorded, or where that did not work
}

// Provision returns an installation of a version, downloading what the user's cache lacks.
// An empty version means DefaultVersion. The error wraps ErrUnavailable where Java or Maven
// is missing.
func Provision(ctx context.Context, version string) (*Installation, error) {
	if version == "" {
		version = DefaultVersion
	}
	if !regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(version) {
		return nil, fmt.Errorf("provision Kafka %q: write a version as %s", version, DefaultVersion)
	}
	if !supported {
		return nil, fmt.Errorf("%w: process groups and signals of Unix are needed", ErrUnavailable)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: java is not in the PATH: install a JRE of version 17 or later (Debian: apt-get install openjdk-17-jre-headless)", ErrUnavailable)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("provision Kafka %s: find the cache: %w", version, err)
	}
	directory := filepath.Join(cache, "kaliper", "kafka-"+version)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, fmt.Errorf("provision Kafka %s: %w", version, err)
	}

	ctx, cancel := context.WithTimeout(ctx, provisionLimit)
	defer cancel()
	unlock, err := lock(ctx, filepath.Join(directory, "lock"))
	if err != nil {
		return nil, fmt.Errorf("provision Kafka %s: %w", version, err)
	}
	defer unlock()

	// Another pom.xml of a later kaliper means other jars.
	digest := sha256.Sum256(pom)
	installation := &Installation{Version: version, java: java, jars: filepath.Join(directory, fmt.Sprintf("jars-%x", digest[:4]))}
	if _, err := os.Stat(installation.jars); errors.Is(err, os.ErrNotExist) {
		if err := download(ctx, version, directory, installation.jars); err != nil {
			return nil, fmt.Errorf("provision Kafka %s: %w", version, err)
		}
	}
	installation.archive, err = installation.ensureArchive(ctx, directory)
	if err != nil {
		return nil, fmt.Errorf("provision Kafka %s: record an archive of classes: %w", version, err)
	}
	return installation, nil
}

// download lets Maven copy the jars into a directory that appears whole or not at all.
func download(ctx context.Context, version, directory, jars string) error {
	maven, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("%w: mvn is not in the PATH and the jars are not in %s: install Maven (Debian: apt-get install maven)", ErrUnavailable, directory)
	}
	work, err := os.MkdirTemp(directory, "download-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o644); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, maven, "-q", "-B", "-f", filepath.Join(work, "pom.xml"),
		"dependency:copy-dependencies", "-Dkafka.version="+version, "-DoutputDirectory="+filepath.Join(work, "jars"))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("mvn dependency:copy-dependencies: %w: is Maven Central, or your mirror of it, within reach?\n%s", err, lastLines(output, 15))
	}
	return os.Rename(filepath.Join(work, "jars"), jars)
}

// Command returns a command that runs a class of the installation in a JVM with the given
// flags. The caller owns its streams; ctx's end kills it.
func (i *Installation) Command(ctx context.Context, jvmFlags []string, class string, arguments ...string) *exec.Cmd {
	var all []string
	if i.archive != "" {
		// Without the flag, an archive that does not fit the JVM would be an error.
		all = append(all, "-Xshare:auto", "-XX:SharedArchiveFile="+i.archive)
	}
	all = append(all, jvmFlags...)
	all = append(all, "-cp", filepath.Join(i.jars, "*"), class)
	return exec.CommandContext(ctx, i.java, append(all, arguments...)...)
}

// Tool runs one of Kafka's own tools, such as org.apache.kafka.tools.TopicCommand, and
// returns what it wrote to stdout. The error holds the end of what it wrote to either.
func (i *Installation) Tool(ctx context.Context, class string, arguments ...string) ([]byte, error) {
	command := i.Command(ctx, []string{"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"}, class, arguments...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("%s: %w\n%s", class, err, lastLines(slices.Concat(stdout.Bytes(), stderr.Bytes()), 15))
	}
	return stdout.Bytes(), nil
}
