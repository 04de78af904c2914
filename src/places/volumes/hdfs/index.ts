/**
 * A volume in HDFS: `hdfs://host:port[,host:port]/path?replication=3&counts=3&blocksize=128MiB&user=…&token-file=…&datanodes=…&verify=…`, with the HTTP ports
 * of the NameNodes. HDFS keeps `replication` copies of every object by itself, of which `counts` count; the volume is one failure domain all the same.
 */
import { userInfo } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { fault } from "../../../core/errors.ts";
import { BulkClient } from "../../../machine/bulk-http/index.ts";
import { directChecksums } from "../../../machine/checksums.ts";
import type { VolumeDriver, VolumeEnvironment, VolumePlace } from "../volume-driver.ts";
import { type Credentials, tokenCredentials, userCredentials } from "./credentials.ts";
import { DataNodes } from "./data-nodes.ts";
import { HdfsVolume } from "./driver.ts";
import { NameNodes } from "./name-nodes.ts";
import { Names } from "./names.ts";
import { type HdfsPlace, isUserName, parsePlace } from "./place.ts";
import { prepareRoot } from "./prepare.ts";
import type { Reach } from "./reach.ts";
import { sweepTemporaries } from "./sweep.ts";
import { Temporaries } from "./temporaries.ts";

/** Long enough for a busy NameNode, short enough to go on to another DataNode: a dead host answers nothing at all. */
const connectMs = 3000;
const idleMs = 20_000;

export const driver: VolumeDriver = {
  copies: (url) => parsePlace(url).counts,
  async space(place, environment, signal) {
    const reach = reachOf(place, environment);
    await using _ = reach.client;
    const raw = await reach.names.capacity(signal);
    const { replication } = reach.place;
    return raw && { capacityBytes: Math.floor(raw.capacityBytes / replication), freeBytes: Math.floor(raw.freeBytes / replication) };
  },
  async prepare(place, environment) {
    const reach = reachOf(place, environment);
    await using _ = reach.client;
    await prepareRoot(reach, new AbortController().signal);
  },
  async open(place, environment) {
    const reach = reachOf(place, environment);
    await sweepTemporaries(reach);
    return new HdfsVolume(reach, place.failureDomain);
  },
};

function reachOf({ name, url }: VolumePlace, { world, base, env, checksums = directChecksums() }: VolumeEnvironment): Reach {
  const place = parsePlace(url);
  const credentials = credentialsOf(place, base, env?.HADOOP_USER_NAME);
  const client = new BulkClient(world, { connectMs, idleMs });
  const names = new Names(new NameNodes({ world, client, addresses: place.nameNodes, credentials }), name);
  const dataNodes = new DataNodes({ world, volume: name, allowed: place.dataNodes, learn: (signal) => names.dataNodes(signal) });
  return { world, volume: name, place, client, checksums, names, dataNodes, temporaries: new Temporaries(world, names, place.root) };
}

/** With simple authentication Hadoop's own clients are whom HADOOP_USER_NAME names, or who runs them; so is this one. */
function credentialsOf({ user, tokenFile }: HdfsPlace, base: string | undefined, hadoopUser: string | undefined): Credentials {
  if (tokenFile === undefined) return userCredentials(user ?? (hadoopUser || loginName()));
  if (user !== undefined) throw fault("CONFIG_INVALID", "a volume in HDFS has a user or a token file, not both");
  if (!isAbsolute(tokenFile) && base === undefined) throw fault("CONFIG_INVALID", `the token file must be an absolute path: ${JSON.stringify(tokenFile)}`);
  return tokenCredentials(resolve(base ?? "", tokenFile));
}

/** Undefined for a process whose user has no name here: HDFS then takes it for its anonymous user. */
function loginName(): string | undefined {
  try {
    const { username } = userInfo();
    return isUserName(username) ? username : undefined;
  } catch {
    return undefined;
  }
}
