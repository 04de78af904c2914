/** A Redis Cluster of three masters and three replicas, formed here by what the servers are told, without a tool between. */
import { type Engine, EngineTrouble } from "./engine.ts";
import { until } from "./patience.ts";
import { loopback, portOf } from "./ports.ts";
import { answersPing, redisClient, redisNode, redisProgram, redisVersion } from "./redis-program.ts";
import { askRedis } from "./resp.ts";
import { variables } from "./variables.ts";

const name = "redis-cluster";
const members = [0, 1, 2, 3, 4, 5].map((index) => ({ name: `node${index + 1}`, port: () => portOf(name, index), busPort: () => portOf(name, 10 + index) }));
const masters = 3;
const slots = 16_384;

/** How long a silent member is waited for before a replica takes its place. */
const nodeTimeoutMs = 2000;

const ports = (): readonly number[] => members.map(({ port }) => port());
const everyPort = async (ask: (port: number) => Promise<boolean>): Promise<boolean> => (await Promise.all(ports().map(ask))).every(Boolean);

/** A node that no cluster has taken in knows itself alone, and serves no slots. */
async function isFormed(): Promise<boolean> {
  const info = String(await askRedis(portOf(name), "CLUSTER", "INFO"));
  return !info.includes("cluster_known_nodes:1\r\n") || !info.includes("cluster_slots_assigned:0\r\n");
}

async function knowsAll(port: number): Promise<boolean> {
  return String(await askRedis(port, "CLUSTER", "INFO")).includes(`cluster_known_nodes:${members.length}\r\n`);
}

async function isWell(port: number): Promise<boolean> {
  return (await knowsAll(port)) && String(await askRedis(port, "CLUSTER", "INFO")).includes("cluster_state:ok\r\n");
}

async function form(signal: AbortSignal): Promise<void> {
  const all = ports();
  for (const [index, port] of all.entries()) await askRedis(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
  for (const [index, port] of all.slice(0, masters).entries()) {
    const [from, to] = [Math.floor((slots * index) / masters), Math.floor((slots * (index + 1)) / masters) - 1];
    await askRedis(port, "CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
  }
  for (const other of members.slice(1)) await askRedis(portOf(name), "CLUSTER", "MEET", loopback, String(other.port()), String(other.busPort()));
  await until(() => everyPort(knowsAll), { what: "the members know each other", waitMsMax: 30_000, signal });
  for (const [index, port] of all.slice(masters).entries()) {
    const id = String(await askRedis(all[index] ?? 0, "CLUSTER", "MYID"));
    await until(async () => (await askRedis(port, "CLUSTER", "REPLICATE", id)) === "OK", { what: "replicas follow", waitMsMax: 15_000, signal });
  }
}

/** Every member agrees that all is well, and three of them are replicas in step with their master. */
async function settle(signal: AbortSignal): Promise<void> {
  await until(() => everyPort(answersPing), { what: "every member answers PING", waitMsMax: 30_000, signal });
  if (!(await isFormed())) await form(signal);
  await until(() => everyPort(isWell), { what: "the cluster is well", waitMsMax: 45_000, everyMs: 200, signal });
  const inStep = async (): Promise<boolean> =>
    (await Promise.all(ports().map(linkState))).filter((state) => state === "up").length === members.length - masters;
  await until(inStep, { what: "the replicas are in step", waitMsMax: 45_000, everyMs: 200, signal });
}

/** Of a replica `up` when it is in step with its master; of a master nothing. */
async function linkState(port: number): Promise<string | undefined> {
  return /master_link_status:(\w+)/.exec(String(await askRedis(port, "INFO", "replication")))?.[1];
}

interface Member {
  readonly id: string;
  readonly port: number;
  readonly masterId: string;
  readonly isMaster: boolean;
  readonly firstSlot: number;
}

/** One line of CLUSTER NODES: id, address, flags, master, two times, epoch, link, slots. */
export function parseMember(line: string): Member {
  const [id = "", address = "", flags = "", masterId = "", , , , , slot = ""] = line.split(" ");
  const marks = flags.split(",");
  const isMaster = marks.includes("master") && !marks.includes("fail");
  return { id, port: Number(/:(\d+)@/.exec(address)?.[1]), masterId, isMaster, firstSlot: slot === "" ? slots : Number(slot.split("-")[0]) };
}

/** A member that answers, and all of them as it sees them. */
async function firstAnswering(): Promise<{ readonly port: number; readonly members: readonly Member[] }> {
  for (const port of ports()) {
    const text = await askRedis(port, "CLUSTER", "NODES").catch(() => undefined);
    if (text !== undefined) return { port, members: String(text).trimEnd().split("\n").map(parseMember) };
  }
  throw new EngineTrouble("no member of the cluster answers");
}

/** `node4`, or a role: `master1` serves the lowest slots now, `replica1` follows it. */
async function nodeNamed(word: string): Promise<string> {
  if (members.some((member) => member.name === word)) return word;
  const [, role, rank] = /^(master|replica)([123])$/.exec(word) ?? [];
  if (role === undefined)
    throw new EngineTrouble(`there is no node ${JSON.stringify(word)}; there are node1 to node6, master1 to master3, replica1 to replica3`);
  const { members: now } = await firstAnswering();
  const inOrder = now.filter((member) => member.isMaster && member.firstSlot < slots).sort((a, b) => a.firstSlot - b.firstSlot);
  const master = inOrder[Number(rank) - 1];
  const wanted = role === "master" ? master : now.find((member) => member.masterId === master?.id);
  const found = members.find((member) => member.port() === wanted?.port);
  if (found === undefined) throw new EngineTrouble(`the cluster has no ${word} now`);
  return found.name;
}

export const redisCluster: Engine = {
  name,
  says: "a Redis Cluster: three masters, three replicas",
  variable: variables[name],
  async prepare(_options, say) {
    const program = await redisProgram(say);
    const clustered = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", String(nodeTimeoutMs)];
    const nodes = members.map(({ name: member, port, busPort }) => {
      const moreSettings = [...clustered, "--cluster-port", String(busPort()), "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"];
      return redisNode(program, { engine: name, name: member, port: port(), morePorts: [busPort()], moreSettings });
    });
    return {
      version: await redisVersion(program),
      address: `redis-cluster://${ports()
        .map((port) => `${loopback}:${port}`)
        .join(",")}`,
      environment: {},
      nodes,
      settle,
      nodeNamed,
      client: async (words) => redisClient(words, (await firstAnswering()).port, ["-c"]),
    };
  },
};
