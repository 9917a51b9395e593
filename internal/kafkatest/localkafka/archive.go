package localkafka

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ensureArchive returns the path of an AppCDS archive, recorded by a broker's life from its
// start to its end if it is not there yet. An archive serves only the JVM and the class path
// that it was recorded with, hence both in the file's name.
func (i *Installation) ensureArchive(ctx context.Context, directory string) (path string, err error) {
	version, err := exec.CommandContext(ctx, i.java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -version: %w\n%s", i.java, err, lastLines(version, 5))
	}
	digest := sha256.Sum256(append(version, i.jars...))
	path = filepath.Join(directory, fmt.Sprintf("classes-%x.jsa", digest[:4]))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return path, err
	}
	work, err := os.MkdirTemp(directory, "record-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	recorded := filepath.Join(work, "classes.jsa")
	cluster, err := i.start(ctx, Config{Nodes: 1, Fast: true, Directory: work, jvmFlags: []string{"-XX:ArchiveClassesAtExit=" + recorded}})
	if err != nil {
		return "", err
	}
	defer cluster.Stop()
	if err := cluster.exercise(ctx); err != nil {
		return "", err
	}
	if err := cluster.Nodes[0].terminate(ctx); err != nil {
		return "", err
	}
	return path, os.Rename(recorded, path)
}

// exercise has a broker load the classes that all tests need: a topic, a record.
func (c *Cluster) exercise(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.Bootstrap()), kgo.DefaultProduceTopic("exercise"))
	if err != nil {
		return err
	}
	defer client.Close()
	create := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "exercise", 1, 1
	create.Topics = append(create.Topics, topic)
	if _, err := create.RequestWith(ctx, client); err != nil {
		return fmt.Errorf("create a topic: %w", err)
	}
	if err := client.ProduceSync(ctx, kgo.StringRecord("x")).FirstErr(); err != nil {
		return fmt.Errorf("produce a record: %w", err)
	}
	return nil
}
