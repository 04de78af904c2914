/** A volume that fails as its plan says, in all the ways that real ones do: for tests of everything that uses volumes. */
import { fault, type HoldfastError } from "../../../core/errors.ts";
import { type ByteRange, lengthOf, rangeOf } from "../../../core/range.ts";
import type { World } from "../../../core/world/index.ts";
import { scatterBytes, sliceScatter } from "../scatter.ts";
import type { Evidence, ObjectKey, ObjectStat, Replayable, Scatter, Volume } from "../volume.ts";
import { type FaultName, type FaultPlan, follow, seededRandom } from "./fault-plan.ts";

export interface FaultOptions {
  readonly plan: FaultPlan;
  readonly world: World;
  /** Delay of "slow". */
  readonly slowMs?: number;
}

export function faulty(volume: Volume, options: FaultOptions): Volume {
  return new FaultyVolume(volume, options);
}

class FaultyVolume implements Volume {
  readonly #volume: Volume;
  readonly #due: ReturnType<typeof follow>;
  readonly #random: () => number;
  readonly #world: World;
  readonly #slowMs: number;
  readonly #disposed = Promise.withResolvers<void>();

  constructor(volume: Volume, { plan, world, slowMs = 1000 }: FaultOptions) {
    this.#volume = volume;
    this.#due = follow(plan);
    this.#random = seededRandom(plan.seed);
    this.#world = world;
    this.#slowMs = slowMs;
  }

  get name(): Volume["name"] {
    return this.#volume.name;
  }

  get traits(): Volume["traits"] {
    return this.#volume.traits;
  }

  /** Never with evidence: what the volume knows is of what it was given, which may not be what was sent. */
  async put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
    const due = this.#due("put", [key]);
    await this.#before(due, `put ${key}`, signal);
    if (due === "dropWrite") return "none";
    await this.#volume.put(key, this.#spoiled(due, body), signal);
    this.#after(due, `put ${key}`);
    return "none";
  }

  async get(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number> {
    const due = this.#due("get", [key]);
    await this.#before(due, `get ${key}`, signal);
    if (due === "short") return this.#getShort(key, range, into, signal);
    const read = await this.#volume.get(due === "misdirect" ? await this.#otherThan(key, signal) : key, range, into, signal);
    if (due === "flip") this.#flip(sliceScatter(into, 0, read));
    return read;
  }

  async *stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
    const due = this.#due("stat", keys);
    await this.#before(due, "stat", signal);
    yield* this.#omitting(due, this.#volume.stat(keys, signal));
  }

  async *list(after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
    const due = this.#due("list", []);
    await this.#before(due, "list", signal);
    yield* this.#omitting(due, this.#volume.list(after, signal));
  }

  async remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void> {
    const due = this.#due("remove", keys);
    await this.#before(due, "remove", signal);
    if (due !== "dropWrite") await this.#volume.remove(keys, signal);
    this.#after(due, "remove");
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    this.#disposed.resolve();
    return this.#volume[Symbol.asyncDispose]();
  }

  /** A hang takes no notice of the signal, as a disk does not; it ends when the volume is disposed of. */
  async #before(due: FaultName | undefined, what: string, signal: AbortSignal): Promise<void> {
    if (due === "slow") await this.#world.sleep(this.#slowMs, signal);
    if (due === "hang") await this.#disposed.promise;
    const failure = due && failureOf(due, `${what} on volume ${this.name}`);
    if (failure) throw failure;
  }

  #after(due: FaultName | undefined, what: string): void {
    if (due === "unknown-applied") throw unanswered(`${what} on volume ${this.name}`);
  }

  #spoiled(due: FaultName | undefined, body: Replayable): Replayable {
    if (due === "torn") return sliceScatter(body, 0, Math.floor(this.#random() * scatterBytes(body)));
    if (due !== "flip") return body;
    const copy = [Buffer.concat(body)];
    this.#flip(copy);
    return copy;
  }

  #getShort(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number> {
    const bytes = Math.floor(this.#random() * lengthOf(range));
    return this.#volume.get(key, rangeOf(range.start, bytes), sliceScatter(into, 0, bytes), signal);
  }

  #flip(views: Scatter): void {
    const bit = Math.floor(this.#random() * scatterBytes(views) * 8);
    const [view] = sliceScatter(views, bit >> 3, (bit >> 3) + 1);
    if (view) view[0] = (view[0] ?? 0) ^ (1 << (bit & 7));
  }

  async #otherThan(key: ObjectKey, signal: AbortSignal): Promise<ObjectKey> {
    for await (const other of this.#volume.list(undefined, signal)) if (other.key !== key) return other.key;
    return key;
  }

  /** Leaves out the first object and, at random, half of the others. */
  async *#omitting(due: FaultName | undefined, stats: AsyncIterable<ObjectStat>): AsyncGenerator<ObjectStat> {
    let index = 0;
    for await (const one of stats) if (due !== "listOmit" || (index++ > 0 && this.#random() < 0.5)) yield one;
  }
}

function failureOf(due: FaultName, what: string): HoldfastError | undefined {
  if (due === "eio" || due === "hang") return fault("VOLUME_UNREACHABLE", `${what}: EIO`);
  if (due === "unknown-not") return unanswered(what);
  if (due === "enospc") return fault("VOLUME_FULL", `${what}: ENOSPC`);
  if (due === "erofs") return fault("ACCESS_DENIED", `${what}: EROFS`);
  if (due === "emptyMount") return fault("VOLUME_IDENTITY_MISSING", `${what}: there is no identity/volume`);
  return undefined;
}

function unanswered(what: string): HoldfastError {
  return fault("VOLUME_UNREACHABLE", `${what}: no answer`);
}
