/** The settings of HDFS's processes, as the XML files that they read: loopback only, every port named, faults seen in seconds instead of minutes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineOptions } from "./engine.ts";
import { at, dataNodes, journalNode, nameNodes, nameService, nodeFolder } from "./hdfs-layout.ts";

type Settings = Readonly<Record<string, string | number | boolean>>;

/** Of every process and client. Users have no groups, and nobody asks the system for them. */
const core = (node: string, options: EngineOptions): Settings => ({
  "fs.defaultFS": options.ha ? `hdfs://${nameService}` : `hdfs://${at(nameNodes(options)[0]?.rpcPort ?? 0)}`,
  "hadoop.tmp.dir": join(nodeFolder(node, options), "tmp"),
  "hadoop.security.authentication": "simple",
  "hadoop.security.group.mapping": "org.apache.hadoop.security.NullGroupsMapping",
  "hadoop.http.staticuser.user": "dr.who",
  "ipc.client.connect.timeout": 3000,
  "ipc.client.connect.max.retries": 3,
  "ipc.client.connect.max.retries.on.timeouts": 2,
});

/** A DataNode is dead after twice the recheck interval and ten heartbeats: 12 s. */
const faults: Settings = {
  "dfs.heartbeat.interval": 1,
  "dfs.namenode.heartbeat.recheck-interval": 1000,
  "dfs.namenode.stale.datanode.interval": 4000,
  "dfs.namenode.avoid.read.stale.datanode": true,
  "dfs.namenode.avoid.write.stale.datanode": true,
  "dfs.namenode.redundancy.interval.seconds": 1,
  "dfs.namenode.reconstruction.pending.timeout-sec": 10,
  "dfs.namenode.safemode.extension": 0,
  "dfs.namenode.lease-hard-limit-sec": 60,
  "dfs.namenode.lease-recheck-interval-ms": 1000,
  "dfs.client.socket-timeout": 10_000,
  "dfs.datanode.socket.write.timeout": 20_000,
};

const storage = (node: string, options: EngineOptions): Settings => ({
  "dfs.namenode.name.dir": `file://${join(nodeFolder(node, options), "name")}`,
  "dfs.datanode.data.dir": `file://${join(nodeFolder(node, options), "data")}`,
  "dfs.journalnode.edits.dir": join(nodeFolder(node, options), "journal"),
  "dfs.replication": 3,
  "dfs.namenode.fs-limits.min-block-size": 4096,
  "dfs.permissions.enabled": true,
  "dfs.webhdfs.enabled": true,
  // The name that redirects give to clients, which must be one that they reach.
  "dfs.datanode.hostname": "127.0.0.1",
  "dfs.namenode.datanode.registration.ip-hostname-check": false,
});

function addresses(node: string, options: EngineOptions): Settings {
  const own = dataNodes(options).find(({ name }) => name === node);
  const ofDataNode: Settings = own
    ? { "dfs.datanode.address": at(own.dataPort), "dfs.datanode.http.address": at(own.httpPort), "dfs.datanode.ipc.address": at(own.ipcPort) }
    : {};
  return { ...ofDataNode, ...(options.ha ? pairOfNameNodes(node, options) : oneNameNode(options)) };
}

function oneNameNode(options: EngineOptions): Settings {
  const [{ rpcPort, httpPort } = { rpcPort: 0, httpPort: 0 }] = nameNodes(options);
  return { "dfs.namenode.rpc-address": at(rpcPort), "dfs.namenode.http-address": at(httpPort) };
}

/** Which of the two is active is decided by whoever administers them: there is no watcher that changes it, so that a test decides when. */
function pairOfNameNodes(node: string, options: EngineOptions): Settings {
  const pair = nameNodes(options);
  const journal = journalNode(options);
  const each = pair.flatMap(({ name, rpcPort, httpPort }) => [
    [`dfs.namenode.rpc-address.${nameService}.${name}`, at(rpcPort)],
    [`dfs.namenode.http-address.${nameService}.${name}`, at(httpPort)],
  ]);
  return {
    "dfs.nameservices": nameService,
    [`dfs.ha.namenodes.${nameService}`]: pair.map(({ name }) => name).join(","),
    ...Object.fromEntries(each),
    ...(pair.some(({ name }) => name === node) ? { "dfs.ha.namenode.id": node } : {}),
    "dfs.namenode.shared.edits.dir": `qjournal://${at(journal.rpcPort)}/${nameService}`,
    "dfs.journalnode.rpc-address": at(journal.rpcPort),
    "dfs.journalnode.http-address": at(journal.httpPort),
    [`dfs.client.failover.proxy.provider.${nameService}`]: "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
    // A client that finds neither active gives up within seconds.
    "dfs.client.failover.max.attempts": 5,
    "dfs.client.failover.sleep.max.millis": 2000,
    "dfs.ha.fencing.methods": "shell(/bin/true)",
    "dfs.ha.automatic-failover.enabled": false,
    "dfs.ha.tail-edits.period": "1s",
  };
}

const logging = `log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
log4j.logger.org.apache.hadoop.util.NativeCodeLoader=ERROR
`;

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function toXml(settings: Settings): string {
  const properties = Object.entries(settings).map(
    ([name, value]) => `<property><name>${escaped(name)}</name><value>${escaped(String(value))}</value></property>`,
  );
  return `<?xml version="1.0"?>\n<configuration>\n${properties.join("\n")}\n</configuration>\n`;
}

/** Writes them for a node, or for clients under any other name, and returns the folder for the class path. */
export function writeSettings(node: string, options: EngineOptions): string {
  const folder = join(nodeFolder(node, options), "settings");
  // The web servers insist on these folders in the class path, and the jars have none; empty ones do.
  for (const name of ["hdfs", "datanode", "journal", "static"]) mkdirSync(join(folder, "webapps", name), { recursive: true });
  mkdirSync(join(nodeFolder(node, options), "tmp"), { recursive: true });
  writeFileSync(join(folder, "core-site.xml"), toXml(core(node, options)));
  writeFileSync(join(folder, "hdfs-site.xml"), toXml({ ...storage(node, options), ...faults, ...addresses(node, options) }));
  writeFileSync(join(folder, "log4j.properties"), logging);
  return folder;
}
