/** Hadoop's own clients with the settings of the services: FsShell in a machine that starts each time, and one that is warm. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineNamed } from "../../scripts/services/engines.ts";
import { clientOf } from "../../scripts/services/lifecycle.ts";
import { must } from "../quiet.ts";
import { type Program, WaitingClient } from "./client.ts";

const source = fileURLToPath(new URL("./HdfsClient.java", import.meta.url));
const classes = fileURLToPath(new URL("../../.cache/bench-java/", import.meta.url));

/** `hdfs dfs WORDS`. */
export function fsShell(...words: readonly string[]): Promise<Program> {
  return hadoop(["dfs", ...words]);
}

export async function warmJava(): Promise<WaitingClient> {
  const { file, args, environment } = await hadoop(["org.apache.hadoop.fs.FsShell"]);
  const at = args.indexOf("-cp") + 1;
  const path = args[at] as string;
  mkdirSync(classes, { recursive: true });
  must("javac", ["-cp", path, "-d", classes, source]);
  return WaitingClient.start({ file, args: [...args.slice(0, at), `${join(classes)}:${path}`, "HdfsClient"], ...(environment && { environment }) });
}

async function hadoop(words: readonly string[]): Promise<Program> {
  const hdfs = engineNamed("hdfs");
  if (!hdfs) throw new Error("there is no engine hdfs");
  return clientOf(hdfs, words, console.error);
}
