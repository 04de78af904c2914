/** What a disk tier knows of its folder: sizes, order and pins. Made from a listing, and compared with another from time to time, since other processes write there too. */
import type { World } from "../../../core/world/index.ts";
import type { CacheKey } from "../key.ts";
import { PinnedKeys } from "../pinned.ts";
import { openPolicy } from "../policies/index.ts";
import type { EvictionPolicy, PolicyName } from "../policy.ts";
import type { Pin } from "../tier.ts";
import { valueHeaderBytes } from "../value.ts";
import { listChunks, sweepTemporary } from "./listing.ts";
import { readPins } from "./pin-files.ts";

const blockBytes = 4096;

/** A file takes whole blocks. */
export function blocksOf(fileBytes: number): number {
  return Math.ceil(fileBytes / blockBytes) * blockBytes;
}

export class Shelf {
  readonly pinned = new PinnedKeys((storedBytes) => blocksOf(valueHeaderBytes + storedBytes));
  bytes = 0;
  readonly #folder: string;
  readonly #world: World;
  readonly #policy: EvictionPolicy;
  readonly #sizes = new Map<CacheKey, number>();

  constructor(folder: string, policy: PolicyName, world: World) {
    this.#folder = folder;
    this.#world = world;
    this.#policy = openPolicy(policy, world);
  }

  get entries(): number {
    return this.#sizes.size;
  }

  has(key: CacheKey): boolean {
    return this.#sizes.has(key);
  }

  touched(key: CacheKey): void {
    this.#policy.touched(key);
  }

  added(key: CacheKey, fileBytes: number): void {
    this.forgot(key);
    this.#sizes.set(key, blocksOf(fileBytes));
    this.bytes += blocksOf(fileBytes);
    if (!this.pinned.holds(key)) this.#policy.added(key);
  }

  forgot(key: CacheKey): void {
    const size = this.#sizes.get(key);
    if (size === undefined) return;
    this.#sizes.delete(key);
    this.#policy.removed(key);
    this.bytes -= size;
  }

  /** The next to go; it is still counted until `forgot`. */
  victim(): CacheKey | undefined {
    return this.#policy.victim();
  }

  pin(pin: Pin): void {
    this.pinned.add(pin);
    for (const { key } of pin.chunks) this.#policy.removed(key);
  }

  unpin(pin: Pin): void {
    for (const key of this.pinned.remove(pin)) if (this.has(key)) this.#policy.added(key);
  }

  /** Learns what others wrote, removed and pinned. */
  async compare(): Promise<void> {
    await sweepTemporary(this.#folder, this.#world.now());
    for (const pin of await readPins(this.#folder)) this.pin(pin);
    const listed = await listChunks(this.#folder);
    const there = new Set(listed.map(({ key }) => key));
    for (const key of [...this.#sizes.keys()]) if (!there.has(key)) this.forgot(key);
    for (const { key, bytes } of listed) if (!this.has(key)) this.added(key, bytes);
  }

  clear(): void {
    this.pinned.clear();
    for (const key of [...this.#sizes.keys()]) this.forgot(key);
  }
}
