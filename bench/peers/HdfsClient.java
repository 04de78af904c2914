import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.HdfsConfiguration;

/** Hadoop's own client in a machine that is warm. Each line is `put FOLDER PATH`, `get PATH FOLDER` or `remove PATH`; the settings are on the class path. */
public final class HdfsClient {
  public static void main(String[] args) throws Exception {
    Configuration settings = new HdfsConfiguration();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    try (FileSystem files = FileSystem.get(settings)) {
      System.out.println("ready");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split("\t");
        switch (words[0]) {
          case "put" -> files.copyFromLocalFile(false, false, new Path("file://" + words[1]), new Path(words[2]));
          case "get" -> files.copyToLocalFile(false, new Path(words[1]), new Path("file://" + words[2]), true);
          case "remove" -> files.delete(new Path(words[1]), true);
          default -> throw new IllegalArgumentException(words[0]);
        }
        System.out.println("done");
      }
    }
  }
}
