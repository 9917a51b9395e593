import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own producer under an open-loop schedule, for one job a line on stdin; answers with one
 * JSON object a line. One JVM serves all cells, so that every one but the first meets warm code.
 *
 * A job is tab-separated key=value pairs: do=create with topic and partitions; do=delete with topic;
 * do=produce with topic, rate (records/s), warmup and duration (ms), values (a file, one a line, taken
 * in turn), keys (cardinality of decimal keys taken in turn; 0: none); and config.NAME=VALUE
 * for the client's properties.
 */
public final class FidelityProducer {
    /** All records due are sent on a grid of 125 us, as kaliper's pacer wakes. */
    private static final long GRID_NANOS = 125_000;

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, String> job = new HashMap<>();
            Properties config = new Properties();
            for (String pair : line.split("\t")) {
                int equals = pair.indexOf('=');
                String name = pair.substring(0, equals), value = pair.substring(equals + 1);
                if (name.startsWith("config.")) {
                    config.put(name.substring("config.".length()), value);
                } else {
                    job.put(name, value);
                }
            }
            System.out.println(execute(job, config));
            System.out.flush();
        }
    }

    private static String execute(Map<String, String> job, Properties config) throws Exception {
        String topic = job.get("topic");
        switch (job.get("do")) {
            case "create":
                create(config, topic, Integer.parseInt(job.get("partitions")));
                return "{}";
            case "delete":
                try (Admin admin = Admin.create(config)) {
                    admin.deleteTopics(List.of(topic)).all().get();
                }
                return "{}";
            default:
                return produce(job, config);
        }
    }

    /** Returns once every partition's leader answers: a producer that comes earlier retries out of order. */
    private static void create(Properties config, String topic, int partitions) throws Exception {
        try (Admin admin = Admin.create(config)) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
            for (long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);;) {
                try {
                    admin.listOffsets(ends).all().get(30, TimeUnit.SECONDS);
                    return;
                } catch (ExecutionException e) { // not known to this broker yet
                    if (System.nanoTime() > deadline) {
                        throw e;
                    }
                }
            }
        }
    }

    private static String produce(Map<String, String> job, Properties config) throws Exception {
        String topic = job.get("topic");
        long rate = Long.parseLong(job.get("rate"));
        long warmup = Long.parseLong(job.get("warmup")) * 1_000_000, duration = Long.parseLong(job.get("duration")) * 1_000_000;
        long cardinality = Long.parseLong(job.get("keys"));
        List<byte[]> values = new ArrayList<>();
        for (String value : Files.readAllLines(Path.of(job.get("values")))) {
            values.add(value.getBytes(StandardCharsets.UTF_8));
        }
        int records = (int) ((warmup + duration) * rate / 1_000_000_000L), first = (int) (warmup * rate / 1_000_000_000L);
        long[] latencies = new long[records];
        AtomicInteger errors = new AtomicInteger();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            double requestsBefore = 0;
            long start = System.nanoTime(), startMillis = System.currentTimeMillis();
            for (int sent = 0; sent < records; ) {
                long elapsed = System.nanoTime() - start;
                int due = (int) Math.min(records, elapsed * rate / 1_000_000_000L + 1);
                for (; sent < due; sent++) {
                    if (sent == first) {
                        requestsBefore = requests(producer);
                    }
                    int number = sent;
                    byte[] key = cardinality == 0 ? null : Long.toString(number % cardinality).getBytes(StandardCharsets.US_ASCII);
                    long handed = System.nanoTime();
                    producer.send(new ProducerRecord<>(topic, key, values.get(number % values.size())), (metadata, error) -> {
                        latencies[number] = System.nanoTime() - handed;
                        if (error != null) {
                            errors.incrementAndGet();
                        }
                    });
                }
                long next = Math.max(start + sent * 1_000_000_000L / rate, System.nanoTime() / GRID_NANOS * GRID_NANOS + GRID_NANOS);
                for (long left = next - System.nanoTime(); left > 0; left = next - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
            }
            double requests = requests(producer) - requestsBefore;
            double seconds = (System.nanoTime() - start - warmup) / 1e9;
            producer.flush();
            long[] window = Arrays.copyOfRange(latencies, first, records);
            Arrays.sort(window);
            return String.format(Locale.ROOT, "{\"start_millis\": %d, \"requests_per_second\": %.3f, \"service_p50_seconds\": %.9f, \"errors\": %d}",
                startMillis, requests / seconds, window[(window.length + 1) / 2 - 1] / 1e9, errors.get());
        }
    }

    /** Requests of all kinds; within a window they are produce requests: metadata is five minutes old at most. */
    private static double requests(KafkaProducer<byte[], byte[]> producer) {
        for (Metric metric : producer.metrics().values()) {
            if (metric.metricName().name().equals("request-total") && metric.metricName().group().equals("producer-metrics")) {
                return (double) metric.metricValue();
            }
        }
        throw new IllegalStateException("the producer has no metric request-total");
    }
}
