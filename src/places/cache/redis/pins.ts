/**
 * Pinned versions in Redis: a list of them, how many hold each value, and no time to live on their values. These are kept where their keys
 * fall; a server that loses them loses the values too, which `lacking` finds.
 */
import { fault } from "../../../core/errors.ts";
import type { ModelName, VersionId } from "../../../core/names.ts";
import { formatBytes } from "../../../core/units.ts";
import type { Keyspace, RedisNode } from "../../../machine/redis/index.ts";
import type { Reply } from "../../../machine/resp/index.ts";
import type { CacheKey } from "../key.ts";
import type { Pin, PinFacts, PinName, Pins, StoredForm } from "../tier.ts";
import { bytesOfValue } from "../value.ts";
import { allocatedBytes, memoryOf } from "./server-memory.ts";
import { requireSparing } from "./settled-policy.ts";

/** The rest is for what is read and written meanwhile, and for the server's buffers. */
const pinnedShareMax = 0.8;
const chunksAtOnce = 1000;

interface Options {
  readonly name: string;
  readonly prefix: string;
  readonly policy: string | undefined;
  readonly ttlMs: number;
  readonly keyOf: (key: CacheKey) => string;
}

export class RedisPins implements Pins {
  readonly #keyspace: Keyspace;
  readonly #options: Options;
  readonly #listKey: string;
  readonly #heldKey: string;
  /** Values that this process pinned: it writes them without a time to live. */
  readonly #held = new Set<CacheKey>();

  constructor(keyspace: Keyspace, options: Options) {
    this.#keyspace = keyspace;
    this.#options = options;
    this.#listKey = `${options.prefix}:pins`;
    this.#heldKey = `${options.prefix}:held`;
  }

  holds(key: CacheKey): boolean {
    return this.#held.has(key);
  }

  async add(pin: Pin): Promise<void> {
    await this.#keyspace.router.ready();
    const others = await this.list();
    for (const { key } of pin.chunks) this.#held.add(key);
    if (others.some((other) => fieldOf(other) === fieldOf(pin))) return this.#persist(pin);
    try {
      await this.#requireRoom(pin, others);
      for (const node of this.#keyspace.router.nodes()) await requireSparing(node, this.#options.policy);
      const bytes = pin.chunks.reduce((sum, { form }) => sum + allocatedBytes(bytesOfValue(form)), 0);
      await this.#told(this.#listKey, ["HSET", this.#listKey, fieldOf(pin), JSON.stringify({ chunks: pin.chunks.length, bytes })]);
      await this.#eachChunk(pin, ({ key }) => this.#told(this.#heldKey, ["HINCRBY", this.#heldKey, key, "1"]));
      await this.#persist(pin);
    } catch (error) {
      for (const { key } of pin.chunks) this.#held.delete(key);
      throw error;
    }
  }

  async lacking(pin: Pin): Promise<readonly CacheKey[]> {
    await this.#keyspace.router.ready();
    const missing = new Set<CacheKey>();
    await this.#eachChunk(pin, async ({ key }) => {
      const name = this.#options.keyOf(key);
      const replies = await this.#keyspace.askOwners(name, { words: ["PTTL", name] });
      if (replies.every((reply) => reply === undefined)) throw unanswered(this.#options.name);
      if (!replies.includes(-1)) missing.add(key);
    });
    return pin.chunks.flatMap(({ key }) => (missing.has(key) ? [key] : []));
  }

  async remove(pin: Pin): Promise<void> {
    await this.#keyspace.router.ready();
    if (!(await this.#told(this.#listKey, ["HDEL", this.#listKey, fieldOf(pin)])).includes(1)) return;
    await this.#eachChunk(pin, async ({ key }) => {
      const holders = await this.#told(this.#heldKey, ["HINCRBY", this.#heldKey, key, "-1"]);
      if (holders.some((count) => typeof count === "number" && count > 0)) return;
      this.#held.delete(key);
      const name = this.#options.keyOf(key);
      await this.#told(this.#heldKey, ["HDEL", this.#heldKey, key]);
      await this.#keyspace.askOwners(name, { words: ["PEXPIRE", name, String(this.#options.ttlMs)] });
    });
  }

  async list(): Promise<readonly PinFacts[]> {
    await this.#keyspace.router.ready();
    const replies = await this.#told(this.#listKey, ["HGETALL", this.#listKey]);
    const found = new Map<string, PinFacts>();
    for (const reply of replies) for (const facts of factsIn(reply)) found.set(fieldOf(facts), facts);
    return [...found.values()];
  }

  /** Everything is gone from the servers. */
  forget(): void {
    this.#held.clear();
  }

  /** All owners are told; it is enough that one takes it. */
  async #told(key: string, words: readonly string[]): Promise<Reply[]> {
    const replies = (await this.#keyspace.askOwners(key, { words })).filter((reply) => reply !== undefined);
    if (replies.length === 0) throw unanswered(this.#options.name);
    return replies;
  }

  async #persist(pin: Pin): Promise<void> {
    await this.#eachChunk(pin, async ({ key }) => {
      const name = this.#options.keyOf(key);
      await this.#keyspace.askOwners(name, { words: ["PERSIST", name] });
    });
  }

  async #eachChunk(pin: Pin, work: (chunk: { readonly key: CacheKey; readonly form: StoredForm }) => Promise<unknown>): Promise<void> {
    for (let at = 0; at < pin.chunks.length; at += chunksAtOnce) await Promise.all(pin.chunks.slice(at, at + chunksAtOnce).map(work));
  }

  /** What the other pinned versions take is spread evenly enough to be counted as if it were. */
  async #requireRoom(pin: Pin, others: readonly PinFacts[]): Promise<void> {
    const wanted = new Map<RedisNode, number>();
    for (const { key, form } of pin.chunks)
      for (const node of this.#keyspace.router.owners(this.#options.keyOf(key))) wanted.set(node, (wanted.get(node) ?? 0) + allocatedBytes(bytesOfValue(form)));
    const copies = this.#keyspace.router.owners(this.#listKey).length;
    const pinnedEach = (others.reduce((sum, { bytes }) => sum + bytes, 0) * copies) / Math.max(1, this.#keyspace.router.nodes().length);
    for (const [node, bytes] of wanted) {
      const { maxBytes } = await memoryOf(node);
      const freeBytes = maxBytes === 0 ? Number.POSITIVE_INFINITY : Math.max(0, pinnedShareMax * maxBytes - pinnedEach);
      if (bytes > freeBytes) throw tooLarge(pin, node, bytes, freeBytes);
    }
  }
}

function tooLarge(pin: PinName, node: RedisNode, bytes: number, freeBytes: number): Error {
  const what = `${pin.model}@${pin.version.slice(0, 12)} takes ${formatBytes(bytes)} of Redis at ${node.place.name}, where ${formatBytes(freeBytes)} can be pinned`;
  return fault("CACHE_FULL", what, { advice: "Give the servers more maxmemory, add servers, or let another pinned version go with `holdfast cache clear`." });
}

function unanswered(tier: string): Error {
  return fault("CACHE_UNREACHABLE", `the Redis servers of tier ${tier} do not answer`, { advice: "See `holdfast cache`." });
}

function fieldOf({ model, version }: PinName): string {
  return `${model}@${version}`;
}

function factsIn(reply: Reply): PinFacts[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((field, index) => {
    const [, model, version] = /^([^@]+)@([^@]+)$/.exec(index % 2 === 0 ? String(field) : "") ?? [];
    const numbers = numbersIn(reply[index + 1]);
    return model === undefined || version === undefined || !numbers ? [] : [{ model: model as ModelName, version: version as VersionId, ...numbers }];
  });
}

function numbersIn(text: unknown): { readonly chunks: number; readonly bytes: number } | undefined {
  try {
    const { chunks, bytes } = JSON.parse(String(text)) as { chunks?: unknown; bytes?: unknown };
    return typeof chunks === "number" && typeof bytes === "number" ? { chunks, bytes } : undefined;
  } catch {
    return undefined;
  }
}
