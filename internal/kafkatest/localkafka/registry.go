package localkafka

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// RegistryVersion is the version of Apicurio Registry that tests run, the one in
// docker-compose.yml.
const RegistryVersion = "3.0.9"

var (
	//go:embed registry-pom.xml
	registryPOM []byte
	//go:embed registry-parent.xml
	registryParent []byte
)

// Registry is a schema registry on the loopback interface, in memory.
type Registry struct {
	process *process
	port    int
	log     *os.File
}

// URL returns where Confluent's API begins.
func (r *Registry) URL() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) + "/apis/ccompat/v7"
}

// Stop ends the registry.
func (r *Registry) Stop() error {
	var err error
	if !r.process.ended() {
		err = r.process.command.Process.Kill()
		<-r.process.done
	}
	return errors.Join(err, r.log.Close())
}

// StartRegistry starts a registry, whose log goes into the directory, and returns when it
// answers. It downloads what the user's cache lacks. The error wraps ErrUnavailable where Java
// or Maven is missing.
func StartRegistry(ctx context.Context, directory string) (_ *Registry, err error) {
	if !supported {
		return nil, fmt.Errorf("%w: process groups and signals of Unix are needed", ErrUnavailable)
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("%w: java is not in the PATH", ErrUnavailable)
	}
	home, err := provisionRegistry(ctx)
	if err != nil {
		return nil, fmt.Errorf("provision Apicurio Registry %s: %w", RegistryVersion, err)
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	r := &Registry{port: ports[0]}
	if r.log, err = os.Create(filepath.Join(directory, "registry.log")); err != nil {
		return nil, err
	}
	command := exec.Command(java, "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port="+strconv.Itoa(r.port),
		"-Dapicurio.rest.deletion.artifact.enabled=true", "-Dapicurio.rest.deletion.artifact-version.enabled=true",
		"-jar", filepath.Join(home, "apicurio-registry-app-"+RegistryVersion+"-runner.jar"))
	command.Dir, command.Stdout, command.Stderr = home, r.log, r.log
	if r.process, err = startProcess(command, false); err != nil {
		return nil, errors.Join(err, r.log.Close())
	}
	if err := r.await(ctx); err != nil {
		text, _ := os.ReadFile(r.log.Name())
		return nil, errors.Join(fmt.Errorf("start the registry: %w\n%s", err, lastLines(text, 15)), r.Stop())
	}
	return r, nil
}

// await waits until the registry answers.
func (r *Registry) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL()+"/subjects", nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-poll.C:
		case <-r.process.done:
			return errors.New("it ended")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// provisionRegistry returns the folder of the unpacked registry.
func provisionRegistry(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	directory := filepath.Join(cache, "kaliper", "registry-"+RegistryVersion)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, provisionLimit)
	defer cancel()
	unlock, err := lock(ctx, filepath.Join(directory, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	home := filepath.Join(directory, "app")
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		return home, err
	}
	maven, err := exec.LookPath("mvn")
	if err != nil {
		return "", fmt.Errorf("%w: mvn is not in the PATH", ErrUnavailable)
	}
	work, err := os.MkdirTemp(directory, "download-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	beside := filepath.Join(work, "beside", "io", "apicurio", "apicurio-registry", RegistryVersion)
	unpacked := filepath.Join(work, "app")
	if err := errors.Join(os.MkdirAll(beside, 0o755), os.Mkdir(unpacked, 0o755),
		os.WriteFile(filepath.Join(work, "pom.xml"), registryPOM, 0o644),
		os.WriteFile(filepath.Join(beside, "apicurio-registry-"+RegistryVersion+".pom"),
			bytes.ReplaceAll(registryParent, []byte("${registry.version}"), []byte(RegistryVersion)), 0o644)); err != nil {
		return "", err
	}
	for _, command := range []*exec.Cmd{
		exec.CommandContext(ctx, maven, "-q", "-B", "-U", "-f", filepath.Join(work, "pom.xml"), "dependency:copy",
			"-Dartifact=io.apicurio:apicurio-registry-app:"+RegistryVersion+":tar.gz:all", "-DoutputDirectory="+work),
		exec.CommandContext(ctx, "tar", "-xzf", filepath.Join(work, "apicurio-registry-app-"+RegistryVersion+"-all.tar.gz"), "-C", unpacked),
	} {
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: is Maven Central, or your mirror of it, within reach?\n%s", filepath.Base(command.Path), err, lastLines(output, 15))
		}
	}
	return home, os.Rename(unpacked, home)
}
