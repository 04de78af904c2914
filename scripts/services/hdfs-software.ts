/** HDFS's jars, which Maven resolves and fetches, and a Java to run them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EngineTrouble, type Say } from "./engine.ts";
import { toolFolder } from "./places.ts";
import { aptInstall, findProgram, madeOnce, run } from "./tools.ts";

export const hadoopVersion = "3.4.3";

export interface HdfsSoftware {
  readonly java: string;
  /** Folder of jars. */
  readonly jars: string;
}

export async function hdfsSoftware(say: Say): Promise<HdfsSoftware> {
  return { java: await findJava(say), jars: await fetchJars(say) };
}

async function findJava(say: Say): Promise<string> {
  const { JAVA_HOME } = process.env;
  const here = JAVA_HOME ? join(JAVA_HOME, "bin/java") : findProgram("java");
  if (here !== undefined) return here;
  await aptInstall(["openjdk-17-jre-headless"], say);
  return findProgram("java") ?? missing("Java 11 or 17 (`java` on PATH, or JAVA_HOME)");
}

const dependency = (artifact: string): string =>
  `<dependency><groupId>org.apache.hadoop</groupId><artifactId>${artifact}</artifactId><version>${hadoopVersion}</version></dependency>`;

const project = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>holdfast</groupId><artifactId>hdfs</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${["hadoop-common", "hadoop-hdfs", "hadoop-hdfs-client"].map(dependency).join("")}</dependencies>
</project>
`;

function fetchJars(say: Say): Promise<string> {
  return madeOnce(toolFolder(`hadoop-${hadoopVersion}`), async (unfinished) => {
    const maven = await findMaven(say);
    say(`fetching the jars of Hadoop ${hadoopVersion} with Maven`);
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "pom.xml"), project);
    const copy = ["org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${unfinished}`];
    await run(maven, ["-B", "-q", "-f", join(unfinished, "pom.xml"), ...copy]);
  });
}

async function findMaven(say: Say): Promise<string> {
  const here = findProgram("mvn");
  if (here !== undefined) return here;
  await aptInstall(["maven"], say);
  return findProgram("mvn") ?? missing("Maven (`mvn` on PATH)");
}

function missing(what: string): never {
  throw new EngineTrouble(
    `it needs ${what}, which is not on this machine: install it, as root on Debian with \`apt-get install openjdk-17-jre-headless maven\``,
  );
}
