import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends messages with Apache Kafka's own client. Argument: brokers. Each line of input: how, topic, key and value with tabs
 * between. How: a codec (`none`, `gzip`, `snappy`, `lz4`, `zstd`), `idempotent`, `transactional`, or `aborted` (a transaction
 * that is taken back). Prints for each when the broker had it, in milliseconds by the machine's clock.
 */
public class Producers {
  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    int number = 0;
    for (String line; (line = lines.readLine()) != null; ) {
      String[] parts = line.split("\t", 4);
      send(args[0], parts[0], new ProducerRecord<>(parts[1], parts[2], parts[3]), number++);
    }
  }

  static void send(String brokers, String how, ProducerRecord<String, String> record, int number) throws Exception {
    boolean inTransaction = how.equals("transactional") || how.equals("aborted");
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    settings.put("enable.idempotence", String.valueOf(inTransaction || how.equals("idempotent")));
    if (inTransaction) settings.put("transactional.id", "transactions-" + System.nanoTime() + "-" + number);
    else if (!how.equals("idempotent")) settings.put("compression.type", how);
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
      if (inTransaction) {
        producer.initTransactions();
        producer.beginTransaction();
      }
      producer.send(record).get();
      if (how.equals("transactional")) producer.commitTransaction();
      if (how.equals("aborted")) producer.abortTransaction();
      System.out.println(System.currentTimeMillis());
    }
  }
}
