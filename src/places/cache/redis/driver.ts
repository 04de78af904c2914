import { throwIfCancelled } from "../../../core/errors.ts";
import { ClusterRouter, Keyspace, placeOf, type RedisNode, RingRouter } from "../../../machine/redis/index.ts";
import { type Command, landed, Refusal } from "../../../machine/resp/index.ts";
import type { CacheKey } from "../key.ts";
import type { Hit, Tier, TierFacts, Value, Wanted } from "../tier.ts";
import type { RedisSettings, TierEnvironment } from "../tier-settings.ts";
import { bodyCrcOf, valueHeader, valueHeaderBytes } from "../value.ts";
import { RedisPins } from "./pins.ts";
import { memoryOf, notesOf } from "./server-memory.ts";
import { settlePolicy } from "./settled-policy.ts";
import { clearNode, countNode } from "./sweep.ts";

/** Of values that no version pins: what nobody asks for goes, and `volatile-` policies have something to choose from. */
const ttlMs = 7 * 24 * 3600_000;

export class RedisTier implements Tier {
  readonly name: string;
  readonly traits = { immediate: false };
  readonly pins: RedisPins;
  readonly #settings: RedisSettings;
  readonly #keyspace: Keyspace;
  /** Servers whose policy is as it was asked for. */
  readonly #settled = new Set<RedisNode>();

  constructor(settings: RedisSettings, { world, env }: TierEnvironment) {
    const places = settings.urls.map((url) => placeOf(url, env));
    this.name = settings.name;
    this.#settings = settings;
    this.#keyspace = new Keyspace(settings.mode === "cluster" ? new ClusterRouter(places, world) : new RingRouter(places, settings.copies, world));
    const { name, prefix, maxmemoryPolicy } = settings;
    this.pins = new RedisPins(this.#keyspace, { name, prefix, policy: maxmemoryPolicy, ttlMs, keyOf: (key) => this.#keyOf(key) });
  }

  async read(wanted: readonly Wanted[], signal: AbortSignal): Promise<readonly (Hit | undefined)[]> {
    throwIfCancelled(signal);
    if (wanted.length === 0) return [];
    await this.#keyspace.router.ready();
    const headers = Buffer.alloc(wanted.length * valueHeaderBytes);
    const hits = await Promise.all(wanted.map((one, index) => this.#readOne(one, headers.subarray(index * valueHeaderBytes, (index + 1) * valueHeaderBytes))));
    throwIfCancelled(signal);
    return hits;
  }

  /** From the first owner that has it. Where another answers that it has it not, the value is thin. */
  async #readOne({ key, form, into }: Wanted, header: Buffer): Promise<Hit | undefined> {
    const name = this.#keyOf(key);
    const owners = this.#keyspace.router.owners(name);
    const there = Promise.all(owners.slice(1).map((node) => this.#keyspace.askOrNothing(node, { words: ["EXISTS", name] })));
    for (const [index, node] of owners.entries()) {
      const reply = await this.#keyspace.askOrNothing(node, { words: ["GET", name], into: [header, into] });
      const crc32c = reply === landed ? bodyCrcOf(header, key, form) : undefined;
      if (crc32c !== undefined) {
        const lackedBefore = index > 0 && (await this.#lacks(owners.slice(0, index), name));
        return { body: into, crc32c, thin: lackedBefore || (await there).includes(0), [Symbol.dispose]() {} };
      }
      if (reply !== undefined && reply !== null && !(reply instanceof Refusal)) await this.#keyspace.askOrNothing(node, { words: ["UNLINK", name] });
    }
    await there;
    return undefined;
  }

  async #lacks(nodes: readonly RedisNode[], name: string): Promise<boolean> {
    const replies = await Promise.all(nodes.map((node) => this.#keyspace.askOrNothing(node, { words: ["EXISTS", name] })));
    return replies.includes(0);
  }

  async write(values: readonly Value[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (values.length === 0) return;
    await this.#keyspace.router.ready();
    await this.#settlePolicies();
    await Promise.all(values.map((value) => this.#keyspace.askOwners(this.#keyOf(value.key), this.#setting(value))));
  }

  /** A pinned value stays what it is; any other is not written again while it is there. */
  #setting(value: Value): Command {
    const words = ["SET", this.#keyOf(value.key), [valueHeader(value), value.body]];
    return { words: this.pins.holds(value.key) ? words : [...words, "NX", "PX", String(ttlMs)] };
  }

  async drop(keys: readonly CacheKey[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (keys.length === 0) return;
    await this.#keyspace.router.ready();
    await Promise.all(keys.map((key) => this.#keyspace.askOwners(this.#keyOf(key), { words: ["UNLINK", this.#keyOf(key)] })));
  }

  async facts(): Promise<TierFacts> {
    await this.#keyspace.router.ready();
    await this.#settlePolicies();
    const nodes = await Promise.all(this.#keyspace.router.nodes().map((node) => this.#factsOf(node)));
    const sum = (of: (facts: (typeof nodes)[number]) => number): number => nodes.reduce((total, facts) => total + of(facts), 0);
    const bounded = nodes.every(({ memory }) => memory.maxBytes > 0);
    return {
      bytes: sum(({ bytes }) => bytes),
      bytesMax: bounded ? sum(({ memory }) => memory.maxBytes) : undefined,
      entries: sum(({ entries }) => entries),
      hits: sum(({ memory }) => memory.hits),
      misses: sum(({ memory }) => memory.misses),
      policy: [...new Set(nodes.map(({ memory }) => memory.policy).filter((policy) => policy !== ""))].join(", "),
      notes: nodes.flatMap(({ notes }) => notes),
    };
  }

  /** A server that is away is told of, and the others are counted. */
  async #factsOf(node: RedisNode) {
    try {
      const memory = await memoryOf(node);
      return { memory, ...(await countNode(node, `${this.#settings.prefix}:c:`)), notes: await notesOf(node, memory) };
    } catch (error) {
      const memory = { usedBytes: 0, maxBytes: 0, policy: "", hits: 0, misses: 0 };
      return { memory, bytes: 0, entries: 0, notes: [`${node.place.name} is away: ${(error as Error).message}`] };
    }
  }

  async clear(): Promise<void> {
    await this.#keyspace.router.ready();
    for (const node of this.#keyspace.router.nodes()) await clearNode(node, `${this.#settings.prefix}:`);
    this.pins.forget();
    this.#settled.clear();
    await this.#settlePolicies();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keyspace.router.close();
  }

  #keyOf(key: CacheKey): string {
    return `${this.#settings.prefix}:c:${key}`;
  }

  /** Once for each server; one that is away is told when it is next there. */
  async #settlePolicies(): Promise<void> {
    const { maxmemoryPolicy } = this.#settings;
    const fresh = this.#keyspace.router.nodes().filter((node) => !this.#settled.has(node));
    if (maxmemoryPolicy === undefined || fresh.length === 0) return;
    const pinned = (await this.pins.list()).length > 0;
    await Promise.all(
      fresh.map(async (node) => {
        const done = await settlePolicy(node, maxmemoryPolicy, pinned).then(
          () => true,
          () => false,
        );
        if (done) this.#settled.add(node);
      }),
    );
  }
}
