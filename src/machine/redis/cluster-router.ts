/** The masters of a Redis Cluster by the slots that they serve, learnt from any node that answers, and anew when something does not fit. */
import { fault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { RedisNode } from "./node.ts";
import { nameOf, type RedisPlace } from "./place.ts";
import type { Router } from "./router.ts";
import { rangesIn, redirectIn, type SlotRange, slotCount, slotOf } from "./slots.ts";

const nodesMax = 1024;
/** A failover takes seconds, and each look is a question to everybody. */
const learnEveryMs = 500;

export class ClusterRouter implements Router {
  readonly #seeds: readonly RedisPlace[];
  readonly #world: World;
  readonly #nodes = new Map<string, RedisNode>();
  #slots: (RedisNode | undefined)[] = [];
  #learning: Promise<void> | undefined;
  #learntAt = Number.NEGATIVE_INFINITY;

  constructor(seeds: readonly RedisPlace[], world: World) {
    this.#seeds = seeds;
    this.#world = world;
  }

  async ready(): Promise<void> {
    if (this.#slots.length === 0) await this.#learn();
    if (this.#slots.length === 0)
      throw fault("CACHE_UNREACHABLE", `no node of the Redis Cluster at ${this.#seeds.map(({ name }) => name).join(", ")} says who serves which slots`, {
        advice: "Check that it runs, that it is a cluster, and that it can be reached from here.",
      });
  }

  nodes(): readonly RedisNode[] {
    return [...new Set(this.#slots.filter((node) => node !== undefined))];
  }

  owners(key: string): readonly RedisNode[] {
    const node = this.#slots[slotOf(key)];
    return node ? [node] : [];
  }

  async redirected(refusal: string): Promise<{ readonly node: RedisNode; readonly ask: boolean } | undefined> {
    const to = redirectIn(refusal);
    if (!to || to.host === "") return undefined;
    if (!to.ask) this.doubted();
    return { node: this.#nodeAt(to.host, to.port), ask: to.ask };
  }

  doubted(): void {
    if (this.#world.ticks() - this.#learntAt >= learnEveryMs) void this.#learn();
  }

  close(): void {
    for (const node of this.#nodes.values()) node.close();
  }

  #learn(): Promise<void> {
    this.#learning ??= this.#ask().finally(() => {
      this.#learning = undefined;
      this.#learntAt = this.#world.ticks();
    });
    return this.#learning;
  }

  /** The first that answers is believed: who is wrong redirects. */
  async #ask(): Promise<void> {
    const asked = new Set([...this.#seeds.map(({ host, port }) => this.#nodeAt(host, port)), ...this.nodes()]);
    try {
      await Promise.any([...asked].map((node) => this.#askOne(node)));
    } catch {
      // Nobody answered: what is known stays.
    }
  }

  async #askOne(node: RedisNode): Promise<void> {
    const ranges = rangesIn(await node.ask({ words: ["CLUSTER", "SLOTS"] }));
    if (!ranges) throw fault("CACHE_UNREACHABLE", `${node.place.name} knows no slots`);
    this.#take(ranges, node.place.host);
  }

  #take(ranges: readonly SlotRange[], asked: string): void {
    const slots: (RedisNode | undefined)[] = new Array(slotCount).fill(undefined);
    for (const { first, last, host, port } of ranges) slots.fill(this.#nodeAt(host === "" ? asked : host, port), first, last + 1);
    this.#slots = slots;
  }

  #nodeAt(host: string, port: number): RedisNode {
    const name = nameOf(host, port);
    const known = this.#nodes.get(name);
    if (known) return known;
    if (this.#nodes.size >= nodesMax) throw fault("CACHE_UNREACHABLE", `the Redis Cluster names more than ${nodesMax} nodes`);
    const made = new RedisNode({ ...(this.#seeds[0] as RedisPlace), host, port, name, weight: 1 }, this.#world);
    this.#nodes.set(name, made);
    return made;
  }
}
