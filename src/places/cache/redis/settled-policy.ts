/**
 * `maxmemory-policy` of the servers. Values that nobody pinned have a time to live, pinned ones have none: under a `volatile-` policy the server
 * evicts the former only. So with the first version that is pinned, a policy that was asked for as `allkeys-…` becomes its `volatile-` sibling.
 */
import { fault } from "../../../core/errors.ts";
import type { RedisNode } from "../../../machine/redis/index.ts";
import { Refusal } from "../../../machine/resp/index.ts";

const setting = "maxmemory-policy";

/** Undefined where the server does not tell. */
export async function configOf(node: RedisNode, name: string): Promise<string | undefined> {
  const reply = await node.ask({ words: ["CONFIG", "GET", name] });
  const value = Array.isArray(reply) ? reply[1] : undefined;
  return typeof value === "string" ? value : undefined;
}

function sparesPinned(policy: string): boolean {
  return policy.startsWith("volatile-") || policy === "noeviction";
}

function sparing(policy: string): string {
  return policy.replace(/^allkeys-/, "volatile-");
}

/**
 * Sets what was asked for: its `volatile-` sibling where versions are pinned, or where a `volatile-` one is set already, perhaps for those that
 * another store has pinned there; to values of ours that are not pinned, which all have a time to live, both are the same. A server that lets
 * nobody set it keeps its own, which `facts` shows.
 */
export async function settlePolicy(node: RedisNode, asked: string, pinned: boolean): Promise<void> {
  const now = await configOf(node, setting);
  const wanted = pinned || now?.startsWith("volatile-") ? sparing(asked) : asked;
  if (now !== wanted) await node.ask({ words: ["CONFIG", "SET", setting, wanted] });
}

/** Throws CACHE_FULL where the server may evict pinned values, and may not be told otherwise. */
export async function requireSparing(node: RedisNode, asked: string | undefined): Promise<void> {
  const now = (await configOf(node, setting)) ?? "unknown";
  if (sparesPinned(now)) return;
  const wanted = asked === undefined ? undefined : sparing(asked);
  const reply = wanted === undefined ? undefined : await node.ask({ words: ["CONFIG", "SET", setting, wanted] });
  if (reply === "OK" && wanted !== undefined && sparesPinned(wanted)) return;
  const why = reply instanceof Refusal ? ` (it refuses another: ${reply.text})` : "";
  throw fault("CACHE_FULL", `Redis at ${node.place.name} has the maxmemory-policy ${now}, under which it may evict part of a pinned version${why}`, {
    advice: "Give the tier a `maxmemory-policy` in holdfast.yaml, which Holdfast then sets, or set volatile-lfu on the servers.",
  });
}
