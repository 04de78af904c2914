/** Where a volume in HDFS is and how it is written to, from its URL: `hdfs://host:port[,host:port]/path?replication=3&…`. */
import { fault } from "../../../core/errors.ts";
import { MiB, parseBytes } from "../../../core/units.ts";

export interface HdfsPlace {
  /** `host:port` of the NameNodes' HTTP servers, in the order in which they are first asked. */
  readonly nameNodes: readonly string[];
  /** Absolute, without a slash at its end. */
  readonly root: string;
  /** Copies that HDFS is to keep of every object. */
  readonly replication: number;
  /** How many of them count towards the replicas that a store wants. */
  readonly counts: number;
  /** Undefined: as the cluster is set. */
  readonly blockBytes: number | undefined;
  /** Whom to be, with simple authentication. Undefined: who runs this process. */
  readonly user: string | undefined;
  /** The file that holds a delegation token, for clusters with Kerberos. */
  readonly tokenFile: string | undefined;
  /** `host:port`, or `.domain:port` for every host in a domain: where bytes may go. None: the DataNodes that the NameNode lists. */
  readonly dataNodes: readonly string[];
  /** Whether what was written is believed by the checksum that HDFS keeps of it, or only when it was read back. */
  readonly verify: "checksum" | "read";
}

const replicationDefault = 3;
const replicationMax = 512;
/** What HDFS checks block sizes against: whole checksum chunks. */
const blockStepBytes = 512;
const nameNodesMax = 16;
const settings = ["replication", "counts", "blocksize", "user", "token-file", "datanodes", "verify"] as const;
type Setting = (typeof settings)[number];

const urlPattern = /^hdfs:\/\/([^/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/i;
/** Names with an ending, as DNS has them, or addresses in version 4; those of version 6 stand in brackets. */
const hostPort = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/;
/** The rule of Hadoop (`dfs.webhdfs.user.provider.user.pattern`). */
const userPattern = /^[A-Za-z_][A-Za-z0-9._-]*[$]?$/;

/** Throws CONFIG_INVALID for anything that is not such a URL. */
export function parsePlace(url: string): HdfsPlace {
  const match = urlPattern.exec(url);
  if (!match) throw unusable(url, "write hdfs://host:port/path");
  const given = settingsOf(url, match[3] ?? "");
  const replication = replicationOf(url, given.get("replication"));
  return {
    nameNodes: nameNodesOf(url, match[1] as string),
    root: rootOf(url, match[2] ?? ""),
    replication,
    counts: countsOf(url, given.get("counts"), replication),
    blockBytes: blockBytesOf(url, given.get("blocksize")),
    user: userOf(url, given.get("user")),
    tokenFile: given.get("token-file"),
    dataNodes: dataNodesOf(url, given.get("datanodes")),
    verify: verifyOf(url, given.get("verify")),
  };
}

function unusable(url: string, why: string): Error {
  return fault("CONFIG_INVALID", `${JSON.stringify(url)} is no place in HDFS: ${why}`, {
    advice: "Write hdfs://namenode:9870/path?replication=3 with the HTTP ports of the NameNodes; docs/configuration.md has all settings.",
  });
}

function nameNodesOf(url: string, text: string): string[] {
  const addresses = text.split(",").map((address) => address.toLowerCase());
  for (const address of addresses) if (!isHostPort(address)) throw unusable(url, `${JSON.stringify(address)} is not host:port of a NameNode`);
  if (addresses.length > nameNodesMax || new Set(addresses).size < addresses.length) throw unusable(url, "each NameNode stands there once");
  return addresses;
}

function isHostPort(text: string): boolean {
  const port = Number(hostPort.exec(text)?.[1]);
  return port >= 1 && port <= 65535;
}

/** The root of the file system is refused: `/tmp` there is everybody's, and temporaries are swept. */
function rootOf(url: string, text: string): string {
  const segments = text
    .replace(/\/$/, "")
    .split("/")
    .slice(1)
    .map((segment) => decoded(url, segment));
  if (segments.length === 0) throw unusable(url, "name a folder that is the volume's own");
  for (const segment of segments)
    if (segment === "" || segment === "." || segment === ".." || /[:/\\\p{Cc}]/u.test(segment))
      throw unusable(url, "its path has a segment that HDFS does not take");
  return `/${segments.join("/")}`;
}

function decoded(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unusable(url, "its path is not well-formed");
  }
}

function settingsOf(url: string, query: string): ReadonlyMap<Setting, string> {
  const given = new Map<Setting, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const known = settings.find((setting) => setting === name);
    if (!known) throw unusable(url, `there is no setting ${JSON.stringify(name)}, only ${settings.join(", ")}`);
    if (given.has(known) || value === "") throw unusable(url, `${name} has one value`);
    given.set(known, value);
  }
  return given;
}

function replicationOf(url: string, text = String(replicationDefault)): number {
  const replication = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (replication < 1 || replication > replicationMax) throw unusable(url, `replication is a whole number from 1 to ${replicationMax}`);
  return replication;
}

function countsOf(url: string, text: string | undefined, replication: number): number {
  const counts = text === undefined ? replication : /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (counts < 1 || counts > replication) throw unusable(url, `counts is a whole number from 1 to ${replication}, its replication`);
  return counts;
}

/** A size that HDFS does not take would show only at the first block, with an open file left behind. */
function blockBytesOf(url: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes < MiB || bytes % blockStepBytes !== 0) throw unusable(url, `blocksize is a multiple of ${blockStepBytes} bytes, at least 1 MiB`);
  return bytes;
}

function userOf(url: string, text: string | undefined): string | undefined {
  if (text !== undefined && !userPattern.test(text)) throw unusable(url, `${JSON.stringify(text)} is not a user name that HDFS takes`);
  return text;
}

function dataNodesOf(url: string, text: string | undefined): string[] {
  const addresses = text === undefined ? [] : text.toLowerCase().split(",");
  for (const address of addresses)
    if (!isHostPort(address.replace(/^\./, ""))) throw unusable(url, `${JSON.stringify(address)} is not host:port of a DataNode`);
  return addresses;
}

function verifyOf(url: string, text = "checksum"): HdfsPlace["verify"] {
  if (text !== "checksum" && text !== "read") throw unusable(url, "verify is checksum or read");
  return text;
}

export function isUserName(text: string): boolean {
  return userPattern.test(text);
}
