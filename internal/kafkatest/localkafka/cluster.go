package localkafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// startLimit bounds one attempt to start a cluster on a machine that has other work to do.
const startLimit = 5 * time.Minute

// startAttempts bounds how often Start draws other ports when some were taken meanwhile.
const startAttempts = 5

// Config says what to start.
type Config struct {
	Version string // empty: DefaultVersion
	Nodes   int    // 0: 1
	// Properties replace, or are added to, those of every node's server.properties. {node.id} in
	// a value stands for the node's number, from 1.
	Properties map[string]string
	// Listeners are further ones, beside the plaintext one.
	Listeners []Listener
	// Heap is the JVM's, as -Xmx takes it. Empty: 256m if Fast, else 1g.
	Heap string
	// Fast compiles with the first compiler alone: quick to start and small, for tests.
	// Benchmarks leave it off.
	Fast bool
	// Directory holds the nodes' data and logs; it must exist. The caller removes it.
	Directory string
	// FirstPort is where node 1 listens, the others behind it. 0: free ports, drawn.
	FirstPort int
	// Detached lets the nodes outlive this process.
	Detached bool

	jvmFlags []string // further ones, of the brokers alone
}

// Cluster is a running cluster. Its methods may be called from many goroutines, those of one
// node one after the other.
type Cluster struct {
	Nodes        []*Node
	installation *Installation
	directory    string
}

// Start provisions Kafka if needed, starts a cluster and returns when all nodes know each
// other. The error wraps ErrUnavailable where Java or Maven is missing.
func Start(ctx context.Context, config Config) (*Cluster, error) {
	installation, err := Provision(ctx, config.Version)
	if err != nil {
		return nil, err
	}
	return installation.start(ctx, config)
}

// start starts a cluster of the installation, with other ports whenever some were taken.
func (i *Installation) start(ctx context.Context, config Config) (*Cluster, error) {
	config.Nodes = max(config.Nodes, 1)
	if config.Heap == "" {
		config.Heap = "1g"
		if config.Fast {
			config.Heap = "256m"
		}
	}
	var err error
	for range startAttempts {
		var cluster *Cluster
		cluster, err = i.attempt(ctx, config)
		if err == nil {
			return cluster, nil
		}
		if !errors.Is(err, errPortTaken) || config.FirstPort != 0 {
			break
		}
	}
	return nil, fmt.Errorf("start Kafka %s: %w", i.Version, err)
}

func (i *Installation) attempt(ctx context.Context, config Config) (_ *Cluster, err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	directory, err := os.MkdirTemp(config.Directory, "kafka-")
	if err != nil {
		return nil, err
	}
	if directory, err = filepath.Abs(directory); err != nil {
		return nil, err
	}
	cluster := &Cluster{installation: i, directory: directory}
	defer func() {
		if err != nil {
			err = errors.Join(err, cluster.Stop(), os.RemoveAll(directory))
		}
	}()
	ports, err := config.drawPorts()
	if err != nil {
		return nil, err
	}
	for n := range config.Nodes {
		node := &Node{ID: n + 1, port: ports[n].broker, more: ports[n].more, config: config, installation: i,
			directory: filepath.Join(directory, "node-"+strconv.Itoa(n+1))}
		text := serverProperties(node.ID, ports, filepath.Join(node.directory, "data"), config.Listeners, config.Properties)
		if err := errors.Join(os.Mkdir(node.directory, 0o755),
			os.WriteFile(node.propertiesPath(), []byte(text), 0o644)); err != nil {
			return nil, err
		}
		cluster.Nodes = append(cluster.Nodes, node)
	}
	if err := cluster.eachNode(func(node *Node) error {
		if err := node.format(ctx); err != nil {
			return err
		}
		return node.launch()
	}); err != nil {
		return nil, err
	}
	for _, node := range cluster.Nodes {
		if err := node.awaitReady(ctx, config.Nodes); err != nil {
			return nil, err
		}
	}
	return cluster, nil
}

// drawPorts returns the ports of every node.
func (c Config) drawPorts() ([]nodePorts, error) {
	more := len(c.Listeners)
	drawn, err := freePorts((2 + more) * c.Nodes)
	if err != nil {
		return nil, err
	}
	brokers := drawn[:c.Nodes]
	if c.FirstPort != 0 {
		if brokers, err = portsFrom(c.FirstPort, c.Nodes); err != nil {
			return nil, err
		}
	}
	ports := make([]nodePorts, c.Nodes)
	for n := range ports {
		ports[n] = nodePorts{broker: brokers[n], controller: drawn[c.Nodes+n], more: drawn[2*c.Nodes+n*more:][:more]}
	}
	return ports, nil
}

// Addresses returns host:port of every node, as kgo.SeedBrokers takes them.
func (c *Cluster) Addresses() []string {
	var addresses []string
	for _, node := range c.Nodes {
		addresses = append(addresses, node.Address())
	}
	return addresses
}

// Bootstrap returns the value of bootstrap.servers: all nodes, with commas.
func (c *Cluster) Bootstrap() string { return strings.Join(c.Addresses(), ",") }

// BootstrapOf returns the value of bootstrap.servers for one of Config.Listeners. To ask for
// another one is a mistake in the program: it panics.
func (c *Cluster) BootstrapOf(listener string) string {
	var addresses []string
	for _, node := range c.Nodes {
		addresses = append(addresses, node.addressOf(listener))
	}
	return strings.Join(addresses, ",")
}

// Installation returns what the cluster runs from.
func (c *Cluster) Installation() *Installation { return c.installation }

// Tool runs one of Kafka's own tools: see Installation.Tool. It adds no --bootstrap-server.
func (c *Cluster) Tool(ctx context.Context, class string, arguments ...string) ([]byte, error) {
	return c.installation.Tool(ctx, class, arguments...)
}

// CPUSeconds returns the processor time of all nodes since they started first, killed
// ones and what they used before a restart included. Linux only.
func (c *Cluster) CPUSeconds() (float64, error) {
	var total float64
	for _, node := range c.Nodes {
		seconds, err := node.cpuSeconds()
		if err != nil {
			return 0, fmt.Errorf("processor time of node %d: %w", node.ID, err)
		}
		total += seconds
	}
	return total, nil
}

// Logs returns of every node's log what a person needs who asks what went wrong: the lines
// from the first error on, or the last ones.
func (c *Cluster) Logs() string {
	var text bytes.Buffer
	for _, node := range c.Nodes {
		fmt.Fprintf(&text, "node %d, from %s:\n%s\n", node.ID, node.logPath(), fromFirstError(node.log(), 40))
	}
	return text.String()
}

// Stop kills all nodes; their data are not meant to be kept. It returns when they are gone.
func (c *Cluster) Stop() error { return c.eachNode((*Node).Kill) }

// eachNode does something to all nodes at once and returns what went wrong.
func (c *Cluster) eachNode(do func(*Node) error) error {
	var group sync.WaitGroup
	failures := make([]error, len(c.Nodes))
	for n, node := range c.Nodes {
		group.Go(func() { failures[n] = do(node) })
	}
	group.Wait()
	return errors.Join(failures...)
}
