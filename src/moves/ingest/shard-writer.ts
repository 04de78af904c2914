/** Sections → shards → volumes. A group's shard that is full, or ended, is sealed and stored while the next sections come. */
import { type PlacedFrame, shardPageBytes } from "../../bytes/shards/index.ts";
import { limits } from "../../core/limits.ts";
import type { DomainName, VolumeName } from "../../core/names.ts";
import type { Lease } from "../../machine/arena.ts";
import type { IntentId } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { type Durability, type Kept, readBackBytes, storeObject } from "../replicate/index.ts";
import { Gate } from "./gate.ts";
import { OpenShard } from "./open-shard.ts";
import type { Pins } from "./pins.ts";
import type { ShardShape } from "./shard-shape.ts";

export interface ShardWriterOptions {
  readonly domain: DomainName;
  readonly intent: IntentId;
  readonly pins: Pins;
  readonly durability: Durability;
  readonly shape: ShardShape;
  /** The groups of the sections to come, one for each. They may come in another order. */
  readonly sections: readonly number[];
  /** All usable volumes in the order of preference for a group. */
  readonly placesOf: (group: number) => readonly VolumeName[];
  readonly stored: (shard: Kept & { readonly rawBytes: number; readonly storedBytes: number; readonly chunks: number }) => void;
  readonly signal: AbortSignal;
}

export class ShardWriter implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #options: ShardWriterOptions;
  readonly #gate = new Gate(limits.unpublishedBytesMax);
  readonly #shards = new Map<number, OpenShard>();
  /** Sections still to come, by group. */
  readonly #toCome = new Map<number, number>();
  readonly #storing = new Set<Promise<void>>();
  #rooms: Lease[];
  #freeRooms: Lease[];
  #roomWaiters: ((room: Lease) => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  private constructor(engine: Engine, options: ShardWriterOptions, rooms: Lease[]) {
    this.#engine = engine;
    this.#options = options;
    this.#rooms = rooms;
    this.#freeRooms = [...rooms];
    for (const group of options.sections) this.#toCome.set(group, (this.#toCome.get(group) ?? 0) + 1);
  }

  /** Rooms for reading back are lent beforehand, so that storing never waits for memory that only storing frees. */
  static async open(engine: Engine, options: ShardWriterOptions): Promise<ShardWriter> {
    const rooms = Array.from({ length: options.shape.shardsAtOnce }, () => ({ bytes: readBackBytes, end: "high" }) as const);
    return new ShardWriter(engine, options, await engine.arena.lendAll(rooms, options.signal));
  }

  /** Waits while too much is waiting to be stored. Throws what made storing fail. */
  async ready(): Promise<void> {
    await this.#gate.open();
    if (this.#failure) throw this.#failure.error;
  }

  /** Takes over the section. */
  append(group: number, section: Lease, frames: readonly PlacedFrame[]): void {
    const toCome = (this.#toCome.get(group) ?? 0) - 1;
    this.#toCome.set(group, toCome);
    const shard = this.#shards.get(group) ?? new OpenShard(this.#options.domain, group);
    this.#shards.set(group, shard);
    const before = shard.bytes;
    shard.append(section, frames);
    this.#gate.add(shard.bytes - before);
    const full = shard.bytes >= this.#options.shape.shardBytes || shard.frames.length >= limits.framesPerShardMax;
    if (full || toCome === 0) this.#store(shard);
  }

  /** Waits until all is stored. */
  async finish(): Promise<void> {
    await Promise.all(this.#storing);
    if (this.#failure) throw this.#failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#storing);
    for (const shard of this.#shards.values()) shard[Symbol.dispose]();
    for (const room of this.#rooms) room[Symbol.dispose]();
  }

  #store(shard: OpenShard): void {
    this.#shards.delete(shard.group);
    const bytes = shard.bytes;
    const work = this.#write(shard)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        shard[Symbol.dispose]();
        this.#storing.delete(work);
        this.#gate.add(shardPageBytes - bytes);
      });
    this.#storing.add(work);
  }

  async #write(shard: OpenShard): Promise<void> {
    if (shard.frames.length === 0 || this.#failure) return;
    const { domain, intent, pins, durability, placesOf, signal } = this.#options;
    const { digest, bytes, body } = shard.seal();
    const room = await this.#takeRoom();
    let kept: Kept;
    try {
      const object = { kind: "shard", domain, digest, body, bytes, places: placesOf(shard.group) } as const;
      const { row, on } = await storeObject(this.#engine, intent, object, durability, room.bytes, signal);
      pins.add(await this.#engine.catalog.publish(intent, row.id, on, shard.frames));
      kept = { key: objectKey(row), on };
    } finally {
      this.#giveRoom(room);
    }
    const rawBytes = shard.frames.reduce((sum, frame) => sum + frame.rawBytes, 0);
    this.#options.stored({ ...kept, rawBytes, storedBytes: bytes, chunks: shard.frames.length });
  }

  async #takeRoom(): Promise<Lease> {
    return this.#freeRooms.pop() ?? (await new Promise<Lease>((resolve) => this.#roomWaiters.push(resolve)));
  }

  #giveRoom(room: Lease): void {
    const next = this.#roomWaiters.shift();
    if (next) next(room);
    else this.#freeRooms.push(room);
  }
}
