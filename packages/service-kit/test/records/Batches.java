import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.TimestampType;

/**
 * Writes record batches of every format and codec, as Apache Kafka's own code makes them: one line each, a name and the
 * bytes in base64. How to run it is in the test beside it.
 */
public class Batches {
  static final Header[] NONE = {};

  public static void main(String[] args) {
    Compression[] codecs = {
      Compression.NONE, Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), Compression.zstd().build()
    };
    for (Compression codec : codecs)
      for (byte magic = 0; magic <= 2; magic++) {
        if (codec.type().name.equals("zstd") && magic < 2) continue;
        print(codec.type().name + " v" + magic, filled(magic, codec, 100, 12));
      }
    for (Compression codec : codecs) print(codec.type().name + " large", large(codec));
    print("idempotent", records(builder((byte) 2, Compression.NONE, 100, 7000, 3, false), 3));
    print("transactional", records(builder((byte) 2, Compression.lz4().build(), 100, 7001, 0, true), 3));
    print("committed", MemoryRecords.withEndTransactionMarker(103, 1L, 0, 7001, (short) 0, new EndTransactionMarker(ControlRecordType.COMMIT, 0)));
    print("aborted", MemoryRecords.withEndTransactionMarker(103, 1L, 0, 7001, (short) 0, new EndTransactionMarker(ControlRecordType.ABORT, 0)));
  }

  static MemoryRecordsBuilder builder(byte magic, Compression codec, long first, long producer, int sequence, boolean transactional) {
    return new MemoryRecordsBuilder(ByteBuffer.allocate(1 << 20), magic, codec, TimestampType.CREATE_TIME, first, 1L, producer,
        producer < 0 ? (short) -1 : 0, sequence, transactional, false, 0, 1 << 20);
  }

  static MemoryRecords records(MemoryRecordsBuilder builder, int count) {
    for (int index = 0; index < count; index++) builder.append(1_700_000_000_000L + index, bytes("key-" + index), bytes("value-" + index), NONE);
    return builder.build();
  }

  /** Ordinary ones, and each thing that may be absent or odd. */
  static MemoryRecords filled(byte magic, Compression codec, long first, int count) {
    MemoryRecordsBuilder builder = builder(magic, codec, first, -1, -1, false);
    for (int index = 0; index < count; index++) {
      byte[] key = index % 5 == 3 ? null : bytes("key-" + index);
      byte[] value = index % 5 == 4 ? null : bytes("{\"number\":" + index + ",\"text\":\"the same text in each of them\"}");
      Header[] headers = magic < 2 ? NONE : new Header[] { new RecordHeader("ce_id", bytes(String.valueOf(index))), new RecordHeader("empty", null), new RecordHeader("ce_id", bytes("last " + index)) };
      builder.append(1_700_000_000_000L + index, key, value, headers);
    }
    return builder.build();
  }

  /** More than one block of each codec: 150 kB that repeat over short and long distances. */
  static MemoryRecords large(Compression codec) {
    MemoryRecordsBuilder builder = builder((byte) 2, codec, 100, -1, -1, false);
    for (int index = 0; index < 50; index++) {
      StringBuilder text = new StringBuilder();
      for (int at = 0; text.length() < 3000; at++) text.append("line ").append(at * 7919 % (97 + index)).append(' ');
      builder.append(1_700_000_000_000L + index, bytes("key-" + index), bytes(text.toString()), NONE);
    }
    return builder.build();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void print(String name, MemoryRecords records) {
    ByteBuffer buffer = records.buffer().duplicate();
    byte[] all = new byte[buffer.remaining()];
    buffer.get(all);
    System.out.println(name + "\t" + Base64.getEncoder().encodeToString(all));
  }
}
