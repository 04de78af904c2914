/** All keys of a prefix on one server, a page at a time: for counting and for clearing, which are rare. */
import { fault } from "../../../core/errors.ts";
import type { RedisNode } from "../../../machine/redis/index.ts";

const pageKeys = "1000";

async function* keysOf(node: RedisNode, prefix: string): AsyncGenerator<readonly string[]> {
  let cursor = "0";
  do {
    const reply = await node.ask({ words: ["SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", pageKeys] });
    const [next, keys] = Array.isArray(reply) ? reply : [];
    if (typeof next !== "string" || !Array.isArray(keys)) throw fault("CACHE_UNREACHABLE", `Redis at ${node.place.name} does not list its keys`);
    cursor = next;
    yield keys.filter((key): key is string => typeof key === "string" && key.startsWith(prefix));
  } while (cursor !== "0");
}

/** What there is, without the memory that the server needs beside it. */
export async function countNode(node: RedisNode, prefix: string): Promise<{ readonly entries: number; readonly bytes: number }> {
  const seen = new Set<string>();
  let bytes = 0;
  for await (const keys of keysOf(node, prefix)) {
    const fresh = keys.filter((key) => !seen.has(key));
    for (const key of fresh) seen.add(key);
    const lengths = await node.askAll(fresh.map((key) => ({ words: ["STRLEN", key] })));
    bytes += lengths.reduce<number>((sum, length) => sum + (typeof length === "number" ? length : 0), 0);
  }
  return { entries: seen.size, bytes };
}

export async function clearNode(node: RedisNode, prefix: string): Promise<void> {
  for await (const keys of keysOf(node, prefix)) await node.askAll(keys.map((key) => ({ words: ["UNLINK", key] })));
}
