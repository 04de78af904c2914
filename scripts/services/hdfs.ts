/** HDFS: a NameNode and three DataNodes, each a process of its own; with `ha` two NameNodes and the JournalNode between them. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type Engine, type EngineOptions, EngineTrouble, type NodePlan, type Prepared, plainNode, type Say } from "./engine.ts";
import { hasAll, isActive, listens, makeFolderOf, takesCalls } from "./hdfs-answers.ts";
import { at, dataNodes, journalNode, type NameNode, nameNodes, nodeFolder } from "./hdfs-layout.ts";
import { writeSettings } from "./hdfs-settings.ts";
import { type HdfsSoftware, hadoopVersion, hdfsSoftware } from "./hdfs-software.ts";
import { until } from "./patience.ts";
import { run } from "./tools.ts";
import { variables } from "./variables.ts";

const name = "hdfs";
/** Whoever starts the NameNode may do everything. Stores are used as somebody else, who may not. */
const superuser = "hdfs";
const storeUser = "holdfast";
const storePath = "/holdfast";
const serverPackage = "org.apache.hadoop.hdfs.server";

/** The processes of one shape of HDFS. */
class Hdfs {
  readonly #software: HdfsSoftware;
  readonly #options: EngineOptions;

  constructor(software: HdfsSoftware, options: EngineOptions) {
    this.#software = software;
    this.#options = options;
  }

  nodes(): readonly NodePlan[] {
    const [first, second] = nameNodes(this.#options);
    return [
      ...(this.#options.ha ? [this.#journal()] : []),
      ...(first ? [this.#nameNode(first, ["-format", "-force", "-nonInteractive"])] : []),
      ...(second ? [this.#nameNode(second, ["-bootstrapStandby", "-force", "-nonInteractive"])] : []),
      ...dataNodes(this.#options).map(({ name: node, dataPort, httpPort, ipcPort }) =>
        this.#node(node, [dataPort, httpPort, ipcPort], `${serverPackage}.datanode.DataNode`),
      ),
    ];
  }

  #node(node: string, ports: readonly number[], program: string): NodePlan {
    return { ...plainNode, name: node, ports, command: this.command(node, program, []), folder: nodeFolder(node, this.#options) };
  }

  #journal(): NodePlan {
    const { name: node, rpcPort, httpPort } = journalNode(this.#options);
    return { ...this.#node(node, [rpcPort, httpPort], "org.apache.hadoop.hdfs.qjournal.server.JournalNode"), leads: () => listens(rpcPort) };
  }

  #nameNode(node: NameNode, makeNamespace: readonly string[]): NodePlan {
    const program = `${serverPackage}.namenode.NameNode`;
    const plan = this.#node(node.name, [node.rpcPort, node.httpPort], program);
    return { ...plan, before: () => this.#makeOnce(node.name, this.command(node.name, program, makeNamespace)), leads: () => takesCalls(node) };
  }

  /** A namespace is in place when the note beside it says so: half of one is thrown away. */
  async #makeOnce(node: string, { file, args, environment }: Command): Promise<void> {
    const folder = nodeFolder(node, this.#options);
    const note = join(folder, "namespace-is-made");
    if (existsSync(note)) return;
    rmSync(join(folder, "name"), { recursive: true, force: true });
    await run(file, args, { environment: environment ?? {} });
    writeFileSync(note, "");
  }

  /** A Java program with the settings of a node, or of clients. */
  command(node: string, program: string, args: readonly string[]): Command {
    const settings = writeSettings(node, this.#options);
    const temporary = join(nodeFolder(node, this.#options), "tmp");
    const machine = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.net.preferIPv4Stack=true", `-Djava.io.tmpdir=${temporary}`];
    // Without it, every call of WebHDFS is answered with 500 on Java 17.
    const opened = "--add-opens=java.base/java.lang=ALL-UNNAMED";
    const classes = `${settings}:${join(this.#software.jars, "*")}`;
    return { file: this.#software.java, args: [...machine, opened, "-cp", classes, program, ...args], environment: { HADOOP_USER_NAME: superuser } };
  }

  async settle(signal: AbortSignal): Promise<void> {
    const all = nameNodes(this.#options);
    for (const node of all) await until(() => takesCalls(node), { what: `${node.name} takes calls`, waitMsMax: 60_000, signal });
    const active = await this.#activate(all);
    await until(() => hasAll(active, dataNodes(this.#options).length), {
      what: "all DataNodes report, and safe mode is over",
      waitMsMax: 90_000,
      everyMs: 300,
      signal,
    });
    await makeFolderOf(storeUser, storePath, active, superuser);
  }

  /** Of a pair that was just started, neither is active. */
  async #activate(all: readonly NameNode[]): Promise<NameNode> {
    for (const node of all) if (await isActive(node)) return node;
    const [first] = all as [NameNode];
    const { file, args, environment } = this.command("client", "org.apache.hadoop.hdfs.tools.DFSHAAdmin", ["-transitionToActive", first.name]);
    await run(file, args, { environment: environment ?? {} });
    return first;
  }

  async nodeNamed(word: string): Promise<string> {
    const names = this.nodes().map((node) => node.name);
    if (names.includes(word)) return word;
    if (word === "nn" && !this.#options.ha) return "nn1";
    const active = await this.#firstActive();
    const found = word === "active" ? active : word === "standby" ? nameNodes(this.#options).find((node) => node.name !== active?.name) : undefined;
    if (found === undefined)
      throw new EngineTrouble(`there is no node ${JSON.stringify(word)} now; there are ${names.join(", ")}, and with --ha active, standby`);
    return found.name;
  }

  async #firstActive(): Promise<NameNode | undefined> {
    for (const node of nameNodes(this.#options)) if (await isActive(node)) return node;
    return undefined;
  }

  client([word = "", ...args]: readonly string[]): Command | undefined {
    const program = clients[word] ?? (word.startsWith("org.") ? word : undefined);
    return program === undefined ? undefined : this.command("client", program, args);
  }
}

const clients: Readonly<Record<string, string>> = {
  dfs: "org.apache.hadoop.fs.FsShell",
  fsck: "org.apache.hadoop.hdfs.tools.DFSck",
  dfsadmin: "org.apache.hadoop.hdfs.tools.DFSAdmin",
  haadmin: "org.apache.hadoop.hdfs.tools.DFSHAAdmin",
};

async function prepare(options: EngineOptions, say: Say): Promise<Prepared> {
  const hdfs = new Hdfs(await hdfsSoftware(say), options);
  const hosts = nameNodes(options).map(({ httpPort }) => at(httpPort));
  return {
    version: options.ha ? `${hadoopVersion} with two NameNodes` : hadoopVersion,
    address: `hdfs://${hosts.join(",")}${storePath}?replication=3&user=${storeUser}`,
    environment: {},
    nodes: hdfs.nodes(),
    settle: (signal) => hdfs.settle(signal),
    nodeNamed: (word) => hdfs.nodeNamed(word),
    client: async (words) => hdfs.client(words),
  };
}

export const hdfs: Engine = { name, says: "HDFS: a NameNode and three DataNodes", variable: variables.hdfs, prepare };
