/** A Redis Cluster of three masters and three replicas, formed here by what the servers are told, without a tool between. */
import { type Engine, type EngineOptions, EngineTrouble, type NodePlan } from "./engine.ts";
import { until } from "./patience.ts";
import { loopback, portOf } from "./ports.ts";
import { answersPing, redisClient, redisNode, redisProgram, redisVersion } from "./redis-program.ts";
import { askRedis } from "./resp.ts";
import { variables } from "./variables.ts";

const name = "redis-cluster";
const masters = 3;
const slots = 16_384;

/** How long a silent member is waited for before a replica takes its place. */
const nodeTimeoutMs = 2000;

/** What a member says of another, or of itself. */
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

async function says(port: number, text: string): Promise<boolean> {
  return String(await askRedis(port, "CLUSTER", "INFO")).includes(`${text}\r\n`);
}

/** Of a replica `up` when it is in step with its master; of a master nothing. */
async function linkState(port: number): Promise<string | undefined> {
  return /master_link_status:(\w+)/.exec(String(await askRedis(port, "INFO", "replication")))?.[1];
}

class Cluster {
  readonly #members: readonly { readonly name: string; readonly port: number; readonly busPort: number }[];

  constructor(options: EngineOptions) {
    const numbers = [0, 1, 2, 3, 4, 5];
    this.#members = numbers.map((at) => ({ name: `node${at + 1}`, port: portOf(options, name, at), busPort: portOf(options, name, 10 + at) }));
  }

  get #ports(): readonly number[] {
    return this.#members.map(({ port }) => port);
  }

  get address(): string {
    return `redis-cluster://${this.#ports.map((port) => `${loopback}:${port}`).join(",")}`;
  }

  nodes(program: string): readonly NodePlan[] {
    const clustered = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", String(nodeTimeoutMs)];
    return this.#members.map(({ name: member, port, busPort }) => {
      const moreSettings = [...clustered, "--cluster-port", String(busPort), "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"];
      return redisNode(program, { engine: name, name: member, port, morePorts: [busPort], moreSettings });
    });
  }

  /** Every member agrees that all is well, and the replicas are in step with their masters. */
  async settle(signal: AbortSignal): Promise<void> {
    const patience = { waitMsMax: 45_000, everyMs: 200, signal };
    await until(() => this.#every(answersPing), { what: "every member answers PING", ...patience });
    if (await this.#isNew()) await this.#form(signal);
    const advice = `if it never was: npm run services -- down --wipe ${name}`;
    await until(() => this.#every((port) => says(port, "cluster_state:ok")), { what: `the cluster is well (${advice})`, ...patience });
    await until(() => this.#every((port) => says(port, `cluster_known_nodes:${this.#members.length}`)), { what: "the members know each other", ...patience });
    const inStep = async () => (await Promise.all(this.#ports.map(linkState))).filter((state) => state === "up").length;
    await until(async () => (await inStep()) === this.#members.length - masters, { what: "the replicas are in step", ...patience });
  }

  async #every(ask: (port: number) => Promise<boolean>): Promise<boolean> {
    return (await Promise.all(this.#ports.map(ask))).every(Boolean);
  }

  /** A node that no cluster has taken in knows itself alone, and serves no slots. */
  async #isNew(): Promise<boolean> {
    const [first = 0] = this.#ports;
    return (await says(first, "cluster_known_nodes:1")) && (await says(first, "cluster_slots_assigned:0"));
  }

  async #form(signal: AbortSignal): Promise<void> {
    const [first, ...others] = this.#members;
    for (const [at, port] of this.#ports.entries()) await askRedis(port, "CLUSTER", "SET-CONFIG-EPOCH", String(at + 1));
    for (const [at, port] of this.#ports.slice(0, masters).entries()) {
      const [from, to] = [Math.floor((slots * at) / masters), Math.floor((slots * (at + 1)) / masters) - 1];
      await askRedis(port, "CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
    }
    for (const { port, busPort } of others) await askRedis(first?.port ?? 0, "CLUSTER", "MEET", loopback, String(port), String(busPort));
    await this.#follow(signal);
  }

  /** A member follows a master as soon as it has heard of it. */
  async #follow(signal: AbortSignal): Promise<void> {
    for (const [at, port] of this.#ports.slice(masters).entries()) {
      const id = String(await askRedis(this.#ports[at] ?? 0, "CLUSTER", "MYID"));
      const follows = async (): Promise<boolean> => (await askRedis(port, "CLUSTER", "REPLICATE", id)) === "OK";
      await until(follows, { what: "the replicas know their masters", waitMsMax: 30_000, signal });
    }
  }

  /** A member that answers, and all of them as it sees them. */
  async firstAnswering(): Promise<{ readonly port: number; readonly members: readonly Member[] }> {
    for (const port of this.#ports) {
      const text = await askRedis(port, "CLUSTER", "NODES").catch(() => undefined);
      if (text !== undefined) return { port, members: String(text).trimEnd().split("\n").map(parseMember) };
    }
    throw new EngineTrouble("no member of the cluster answers");
  }

  /** `node4`, or a role: `master1` serves the lowest slots now, `replica1` follows it. */
  async nodeNamed(word: string): Promise<string> {
    if (this.#members.some((member) => member.name === word)) return word;
    const [, role, rank] = /^(master|replica)([123])$/.exec(word) ?? [];
    if (role === undefined) throw new EngineTrouble(`there is no node ${JSON.stringify(word)}; there are node1…6, master1…3, replica1…3`);
    const { members } = await this.firstAnswering();
    const inOrder = members.filter((member) => member.isMaster && member.firstSlot < slots).sort((a, b) => a.firstSlot - b.firstSlot);
    const master = inOrder[Number(rank) - 1];
    const wanted = role === "master" ? master : members.find((member) => member.masterId === master?.id);
    const found = this.#members.find((member) => member.port === wanted?.port);
    if (found === undefined) throw new EngineTrouble(`the cluster has no ${word} now`);
    return found.name;
  }
}

export const redisCluster: Engine = {
  name,
  says: "a Redis Cluster: three masters, three replicas",
  variable: variables[name],
  async prepare(options, say) {
    const program = await redisProgram(say);
    const cluster = new Cluster(options);
    return {
      version: await redisVersion(program),
      address: cluster.address,
      environment: {},
      nodes: cluster.nodes(program),
      settle: (signal) => cluster.settle(signal),
      nodeNamed: (word) => cluster.nodeNamed(word),
      client: async (words) => redisClient(words, (await cluster.firstAnswering()).port, ["-c"]),
    };
  },
};
