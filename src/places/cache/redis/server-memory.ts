/** What values take in a server, and what it has for them. */
import { formatBytes } from "../../../core/units.ts";
import type { RedisNode } from "../../../machine/redis/index.ts";
import { configOf } from "./settled-policy.ts";

/** Key, entry and object headers. */
const overheadBytes = 256;

/** The allocator of the servers has four sizes between two powers of two. */
export function allocatedBytes(valueBytes: number): number {
  const step = 2 ** Math.max(4, Math.floor(Math.log2(valueBytes)) - 2);
  return Math.ceil(valueBytes / step) * step + overheadBytes;
}

export interface ServerMemory {
  readonly usedBytes: number;
  /** 0: unbounded. */
  readonly maxBytes: number;
  readonly policy: string;
  readonly hits: number;
  readonly misses: number;
}

export async function memoryOf(node: RedisNode): Promise<ServerMemory> {
  const [memory, stats] = await node.askAll([{ words: ["INFO", "memory"] }, { words: ["INFO", "stats"] }]);
  const field = (text: unknown, name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(String(text))?.[1] ?? "";
  return {
    usedBytes: Number(field(memory, "used_memory")),
    maxBytes: Number(field(memory, "maxmemory")),
    policy: field(memory, "maxmemory_policy"),
    hits: Number(field(stats, "keyspace_hits")),
    misses: Number(field(stats, "keyspace_misses")),
  };
}

/** What the keeper of a server should know. */
export async function notesOf(node: RedisNode, memory: ServerMemory): Promise<string[]> {
  const of = memory.maxBytes > 0 ? ` of ${formatBytes(memory.maxBytes)}` : "";
  const notes = [`${node.place.name}: ${formatBytes(memory.usedBytes)}${of}, ${memory.policy}`];
  if (memory.maxBytes === 0) notes.push(`${node.place.name}: maxmemory is 0, so nothing bounds what it takes`);
  if ((await configOf(node, "cluster-require-full-coverage")) === "yes" && (await isClustered(node)))
    notes.push(`${node.place.name}: cluster-require-full-coverage is yes, so while one master is away none takes anything`);
  return notes;
}

async function isClustered(node: RedisNode): Promise<boolean> {
  return String(await node.ask({ words: ["INFO", "cluster"] })).includes("cluster_enabled:1");
}
