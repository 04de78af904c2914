import { throwIfCancelled } from "../../../core/errors.ts";
import type { Reply } from "../../../machine/resp/index.ts";
import { type Count, type Counters, countersPerGroupMax } from "../counters.ts";
import type { Servers } from "./servers.ts";

const countsAtOnce = 500;
/** A group that nobody adds to any more is forgotten. */
const ttlMs = 90 * 24 * 3600_000;

/** Each group is a sorted set. */
export class RedisCounters implements Counters {
  readonly #servers: Servers;
  readonly #prefix: string;

  constructor(servers: Servers, prefix: string) {
    this.#servers = servers;
    this.#prefix = prefix;
  }

  async add(group: string, counts: readonly Count[], signal: AbortSignal): Promise<void> {
    const key = this.#keyOf(group);
    for (let at = 0; at < counts.length; at += countsAtOnce) {
      throwIfCancelled(signal);
      await Promise.all(counts.slice(at, at + countsAtOnce).map(({ name, count }) => this.#servers.ask(key, ["ZINCRBY", key, String(count), name])));
    }
    await this.#servers.ask(key, ["ZREMRANGEBYRANK", key, "0", String(-countersPerGroupMax - 1)]);
    await this.#servers.ask(key, ["PEXPIRE", key, String(ttlMs)]);
  }

  async read(group: string, names: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    throwIfCancelled(signal);
    const key = this.#keyOf(group);
    return (await Promise.all(names.map((name) => this.#servers.ask(key, ["ZSCORE", key, name])))).map(numberIn);
  }

  async top(group: string, limit: number, signal: AbortSignal): Promise<readonly Count[]> {
    throwIfCancelled(signal);
    if (limit < 1) return [];
    const key = this.#keyOf(group);
    const reply = await this.#servers.ask(key, ["ZREVRANGE", key, "0", String(limit - 1), "WITHSCORES"]);
    if (!Array.isArray(reply)) return [];
    return reply.flatMap((name, index) => (index % 2 === 0 && typeof name === "string" ? [{ name, count: numberIn(reply[index + 1]) }] : []));
  }

  #keyOf(group: string): string {
    return `${this.#prefix}:n:${group}`;
  }
}

function numberIn(reply: Reply | undefined): number {
  const value = typeof reply === "string" ? Number(reply) : 0;
  return Number.isFinite(value) ? value : 0;
}
