import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HexFormat;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

/** For each line of stdin, a key in hexadecimal: its murmur2 hash and its partition of 12 and of 97. */
public final class PartitionForKey {
    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        StringBuilder out = new StringBuilder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            byte[] key = HexFormat.of().parseHex(line);
            out.append(Utils.murmur2(key)).append(' ')
                .append(BuiltInPartitioner.partitionForKey(key, 12)).append(' ')
                .append(BuiltInPartitioner.partitionForKey(key, 97)).append('\n');
        }
        System.out.print(out);
    }
}
