import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/** Judges events by networknt: a line each, 1 where the schema lets it pass. Schemas' folder, events' file, formats or plain. */
public final class Schemas {
  public static void main(String[] given) throws Exception {
    boolean formats = given[2].equals("formats");
    var registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    Map<String, Schema> schemas = new HashMap<>();
    try (var files = Files.newDirectoryStream(Path.of(given[0]), "*.json")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        schemas.put(name.substring(0, name.length() - ".json".length()), registry.getSchema(Files.readString(file)));
      }
    }
    var mapper = new ObjectMapper();
    for (String line : Files.readAllLines(Path.of(given[1]))) {
      var event = mapper.readTree(line);
      var faults = schemas.get(event.get("type").asString()).validate(event.get("data").asString(), InputFormat.JSON,
          context -> context.executionConfig(config -> config.formatAssertionsEnabled(formats)));
      System.out.println(faults.isEmpty() ? 1 : 0);
    }
  }
}
