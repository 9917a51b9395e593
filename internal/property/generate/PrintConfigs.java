import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Prints every public client property of the Kafka jar on the class path: role, name, type, default, validator. */
public class PrintConfigs {
    public static void main(String[] args) {
        print("producer", ProducerConfig.configDef());
        print("consumer", ConsumerConfig.configDef());
        print("common", AdminClientConfig.configDef());
    }

    private static void print(String role, ConfigDef definition) {
        for (String name : new TreeSet<>(definition.names())) {
            ConfigDef.ConfigKey key = definition.configKeys().get(name);
            if (key.internalConfig) continue;
            Object value = key.defaultValue;
            String text = value == null || value == ConfigDef.NO_DEFAULT_VALUE
                ? "" : ConfigDef.convertToString(value, key.type).replace("class ", "");
            String validator = key.validator == null ? "" : key.validator.toString();
            System.out.println(String.join("\t", role, name, key.type.toString(), text, validator));
        }
    }
}
