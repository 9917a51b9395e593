package property

// classification is what kaliper makes of a property.
type classification struct {
	class Class
	how   string
}

func honoured(how string) classification     { return classification{Honoured, how} }
func approximated(how string) classification { return classification{Approximated, how} }
func inert(how string) classification        { return classification{Inert, how} }
func refused(how string) classification      { return classification{Refused, how} }

// classOf returns the class of a property and the sentence that explains it, but for the range
// that the Go client takes (clientRanges).
func classOf(role Role, name string) (Class, string) {
	if isSecurity(name) {
		if c, ok := securityClasses()[name]; ok {
			return c.class, c.how
		}
		return Refused, "not built yet"
	}
	for _, classes := range []map[string]classification{roleClasses(role), commonClasses()} {
		if c, ok := classes[name]; ok {
			return c.class, c.how
		}
	}
	return Refused, "unknown to kaliper"
}

func roleClasses(role Role) map[string]classification {
	switch role {
	case Producer:
		return producerClasses()
	case Consumer:
		return consumerClasses()
	default:
		return adminClasses()
	}
}

// commonClasses are of the properties that producers, consumers and admin clients share.
func commonClasses() map[string]classification {
	const noJavaMetrics = "concerns the Java client's own metrics; kaliper measures by itself"
	return map[string]classification{
		"bootstrap.servers":                        honoured(""),
		"client.id":                                honoured("where it is empty, kaliper names its clients itself, so that quotas and logs can tell them"),
		"client.dns.lookup":                        approximated("every address of a name is tried in turn, as with use_all_dns_ips, whatever it says"),
		"config.providers":                         honoured("Kafka's own three: EnvVar-, File- and DirectoryConfigProvider; env, file and dir need no declaration"),
		"connections.max.idle.ms":                  approximated("never (-1) works as the longest"),
		"default.api.timeout.ms":                   inert("kaliper's own deadlines bound commits and admin requests"),
		"enable.metrics.push":                      inert("the instrument sends nothing to the cluster that the scenario does not ask for"),
		"interceptor.classes":                      inert("Java classes cannot run here"),
		"metadata.max.age.ms":                      approximated(""),
		"metadata.recovery.strategy":               inert("the client falls back to the bootstrap servers whenever no known broker answers"),
		"metadata.recovery.rebootstrap.trigger.ms": inert("the client falls back to the bootstrap servers whenever no known broker answers"),
		"metric.reporters":                         inert(noJavaMetrics),
		"metrics.num.samples":                      inert(noJavaMetrics),
		"metrics.recording.level":                  inert(noJavaMetrics),
		"metrics.sample.window.ms":                 inert(noJavaMetrics),
		"receive.buffer.bytes":                     inert("the operating system sizes its socket buffers itself"),
		"send.buffer.bytes":                        inert("the operating system sizes its socket buffers itself"),
		"reconnect.backoff.ms":                     inert("connections are opened when a request needs one; retry.backoff.ms paces the retries"),
		"reconnect.backoff.max.ms":                 inert("connections are opened when a request needs one; retry.backoff.max.ms bounds the wait"),
		"request.timeout.ms":                       approximated("counted from when the request is written to the socket; Java counts the wait for the socket too"),
		"retry.backoff.ms":                         honoured("doubles up to retry.backoff.max.ms, with a jitter of a fifth"),
		"retry.backoff.max.ms":                     honoured(""),
		"security.protocol":                        honoured("PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL"),
		"security.providers":                       inert("Java classes cannot run here"),
		"socket.connection.setup.timeout.ms":       approximated("bounds one attempt to connect; Java lets it grow with each failure"),
		"socket.connection.setup.timeout.max.ms":   inert("an attempt to connect always has socket.connection.setup.timeout.ms"),
	}
}

func adminClasses() map[string]classification {
	return map[string]classification{
		"bootstrap.controllers": refused("kaliper talks to brokers: use bootstrap.servers"),
		"retries":               inert("kaliper's own deadlines bound admin requests"),
	}
}

func producerClasses() map[string]classification {
	return map[string]classification{
		"acks":                                     honoured(""),
		"batch.size":                               approximated("the Go client counts uncompressed bytes against a hard cap, where Java estimates compressed ones; kaliper sets the cap from a sample of the payload"),
		"buffer.memory":                            approximated("kaliper counts the encoded bytes of unacknowledged records; Java counts whole allocated batches"),
		"compression.type":                         honoured(""),
		"compression.gzip.level":                   honoured(""),
		"compression.lz4.level":                    approximated("the library has 9 levels: 9 is Java's default compressor as in Java, other levels above 9 work as its highest"),
		"compression.zstd.level":                   approximated("the library has 4 levels; the nearest is used"),
		"delivery.timeout.ms":                      approximated("a record in flight is failed when its request ends, so it can take as long as that request more"),
		"enable.idempotence":                       honoured("turns itself off, as in Java, where acks or retries exclude it and nobody set it"),
		"key.serializer":                           inert("kaliper makes bytes"),
		"value.serializer":                         inert("kaliper makes bytes"),
		"linger.ms":                                approximated("with send: async at a rate all that waits is sent together, as in Java, but by one clock for all brokers of a client, where Java has one for each; with rate: max, other ways of sending, and in pipelines the Go client lingers in each partition apart: a full batch can wait for a second one"),
		"max.block.ms":                             honoured("bounds the wait for buffer space; a longer wait fails the record"),
		"max.request.size":                         approximated("also the largest record; grows by the overhead of one batch"),
		"metadata.max.idle.ms":                     inert("the client never forgets a topic of the run"),
		"partitioner.class":                        refused("Java classes cannot run here: set partitioner: default, round-robin, md5 or manual beside config"),
		"partitioner.ignore.keys":                  honoured(""),
		"retries":                                  approximated("counts retries of a batch, as Java does, but not those that wait for a leader to be known"),
		"transactional.id":                         approximated("the client's number is appended, so that each client has one of its own; where it is empty, kaliper uses one that the run owns"),
		"transaction.timeout.ms":                   honoured("has no effect without transactions"),
		"partitioner.availability.timeout.ms":      inert("a partition is never left out for being slow"),
		"max.in.flight.requests.per.connection":    approximated("with idempotence always 5 requests per broker, 1 until the first response; without, as set"),
		"transaction.two.phase.commit.enable":      refused("not built yet: a transaction here ends with one request"),
		"partitioner.adaptive.partitioning.enable": approximated("partitions are weighted by kaliper's own queues, as in KIP-794; the random draws differ"),
	}
}

func consumerClasses() map[string]classification {
	return map[string]classification{
		"allow.auto.create.topics":      inert("kaliper creates and verifies topics itself and never asks brokers to"),
		"auto.commit.interval.ms":       approximated(""),
		"auto.offset.reset":             approximated("where an offset is out of range; where a group starts is start.from; by_duration counts back from the newest record of a partition whose offset is out of range, where Java counts from now"),
		"check.crcs":                    honoured(""),
		"client.rack":                   honoured("fetch.follower.ratio says how much came from followers"),
		"enable.auto.commit":            honoured("follows from commit: true for auto, false for all others"),
		"exclude.internal.topics":       inert("kaliper subscribes to topics by name"),
		"fetch.max.bytes":               approximated(""),
		"fetch.max.wait.ms":             approximated(""),
		"fetch.min.bytes":               honoured(""),
		"group.id":                      honoured("where it is empty, kaliper uses one that the run owns"),
		"group.instance.id":             approximated("the member's number is appended, so that each member has one of its own"),
		"group.protocol":                honoured("consumer is KIP-848; a broker that lacks it gets the classic protocol"),
		"group.remote.assignor":         approximated("uniform or range"),
		"heartbeat.interval.ms":         honoured(""),
		"isolation.level":               honoured(""),
		"key.deserializer":              inert("kaliper reads bytes"),
		"value.deserializer":            inert("kaliper reads bytes"),
		"max.partition.fetch.bytes":     approximated(""),
		"max.poll.interval.ms":          approximated("a member that polls too rarely is put out of its group, as in Java; a member of a pipeline or of a share group is not"),
		"max.poll.records":              honoured(""),
		"partition.assignment.strategy": approximated("Range-, RoundRobin-, Sticky- and CooperativeStickyAssignor, in the Go client's implementation"),
		"session.timeout.ms":            honoured(""),
		"share.acknowledgement.mode":    honoured("of a share group; explicit where share releases or rejects records"),
		"share.acquire.mode":            honoured("of a share group; has no effect in a consumer group"),
	}
}
