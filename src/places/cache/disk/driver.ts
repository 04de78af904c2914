import { mkdir, open, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import { formatBytes } from "../../../core/units.ts";
import type { World } from "../../../core/world/index.ts";
import type { Disk } from "../../../machine/disk.ts";
import type { CacheKey } from "../key.ts";
import type { Hit, Pin, Pins, Tier, TierFacts, Value, Wanted } from "../tier.ts";
import type { DiskSettings, TierEnvironment } from "../tier-settings.ts";
import { bodyCrcOf, bytesOfValue, valueHeader, valueHeaderBytes } from "../value.ts";
import { chunksFolder, pathOfKey, pinsFolder, temporaryFolder } from "./layout.ts";
import { removePin, writePin } from "./pin-files.ts";
import { blocksOf, Shelf } from "./shelf.ts";

const pinnedShareMax = 0.9;
/** After a process wrote this share of the bound, it looks again what others wrote: together they stay near the bound. */
const compareShare = 1 / 8;

export class DiskTier implements Tier {
  readonly name: string;
  readonly traits = { immediate: false };
  readonly pins: Pins;
  readonly #settings: DiskSettings;
  readonly #world: World;
  readonly #disk: Disk;
  readonly #shelf: Shelf;
  #comparing: Promise<void> | undefined;
  #writtenBytes = 0;
  #hits = 0;
  #misses = 0;

  constructor(settings: DiskSettings, { world, disk }: TierEnvironment) {
    this.name = settings.name;
    this.#settings = settings;
    this.#world = world;
    this.#disk = disk;
    this.#shelf = new Shelf(settings.folder, settings.policy, world);
    this.pins = {
      add: (pin) => this.#pin(pin),
      lacking: async (pin) => {
        await this.#compareNow();
        return pin.chunks.flatMap(({ key }) => (this.#shelf.has(key) && this.#shelf.pinned.holds(key) ? [] : [key]));
      },
      remove: async (pin) => {
        await this.#known();
        await removePin(settings.folder, pin);
        this.#shelf.unpin(pin);
      },
      list: async () => {
        await this.#compareNow();
        return this.#shelf.pinned.list();
      },
    };
  }

  /** Files are opened by name: a load need not wait for a listing. */
  async read(wanted: readonly Wanted[], signal: AbortSignal): Promise<readonly (Hit | undefined)[]> {
    throwIfCancelled(signal);
    const headers = new Uint8Array(new SharedArrayBuffer(wanted.length * valueHeaderBytes));
    const hits = await Promise.all(
      wanted.map((one, index) => this.#readOne(one, headers.subarray(index * valueHeaderBytes, (index + 1) * valueHeaderBytes), signal)),
    );
    throwIfCancelled(signal);
    return hits;
  }

  async #readOne({ key, form, into }: Wanted, header: Uint8Array, signal: AbortSignal): Promise<Hit | undefined> {
    const bytes = await this.#disk.read(pathOfKey(this.#settings.folder, key), 0, [header, into], signal).catch(() => undefined);
    const crc32c = bytes === bytesOfValue(form) ? bodyCrcOf(header, key, form) : undefined;
    if (crc32c === undefined) {
      this.#misses++;
      if (bytes !== undefined) await this.#remove(key);
      return undefined;
    }
    this.#hits++;
    this.#shelf.touched(key);
    return { body: into, crc32c, thin: false, [Symbol.dispose]() {} };
  }

  async write(values: readonly Value[], signal: AbortSignal): Promise<void> {
    await this.#known();
    for (const value of values) {
      throwIfCancelled(signal);
      if (this.#shelf.has(value.key) || !(await this.#makeRoom(blocksOf(bytesOfValue(value.form))))) continue;
      await this.#writeOne(value);
    }
  }

  /** Not synced: after a crash a file may be anything, and says so when it is read. */
  async #writeOne(value: Value): Promise<void> {
    const path = pathOfKey(this.#settings.folder, value.key);
    const temporary = join(this.#settings.folder, temporaryFolder, this.#world.id());
    const bytes = bytesOfValue(value.form);
    try {
      await mkdir(dirname(temporary), { recursive: true });
      await mkdir(dirname(path), { recursive: true });
      await using file = await open(temporary, "wx");
      const { bytesWritten } = await file.writev([valueHeader(value), value.body]);
      if (bytesWritten !== bytes) throw fault("CACHE_UNREACHABLE", `${bytesWritten} of ${bytes} bytes were written`);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw this.#unusable(error);
    }
    this.#shelf.added(value.key, bytes);
    this.#writtenBytes += bytes;
  }

  async drop(keys: readonly CacheKey[]): Promise<void> {
    for (const key of keys) await this.#remove(key);
  }

  async facts(): Promise<TierFacts> {
    await this.#compareNow();
    const { bytes, entries } = this.#shelf;
    const { bytes: bytesMax, policy, folder } = this.#settings;
    return { bytes, bytesMax, entries, hits: this.#hits, misses: this.#misses, policy, notes: [`In ${folder}; hits and misses are those of this process.`] };
  }

  async clear(): Promise<void> {
    for (const part of [pinsFolder, chunksFolder]) await rm(join(this.#settings.folder, part), { recursive: true, force: true });
    this.#shelf.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The listing, once and then again after much was written. */
  #known(): Promise<void> {
    const due = this.#writtenBytes > this.#settings.bytes * compareShare;
    return !this.#comparing || due ? this.#compareNow() : this.#comparing;
  }

  #compareNow(): Promise<void> {
    this.#writtenBytes = 0;
    this.#comparing = (this.#comparing ?? Promise.resolve()).then(() => this.#shelf.compare());
    return this.#comparing;
  }

  async #makeRoom(bytes: number): Promise<boolean> {
    while (this.#shelf.bytes + bytes > this.#settings.bytes) {
      const victim = this.#shelf.victim();
      if (victim === undefined) return false;
      await this.#remove(victim);
    }
    return true;
  }

  async #remove(key: CacheKey): Promise<void> {
    await unlink(pathOfKey(this.#settings.folder, key)).catch(() => undefined);
    this.#shelf.forgot(key);
  }

  async #pin(pin: Pin): Promise<void> {
    await this.#compareNow();
    const { pinned } = this.#shelf;
    const more = pinned.moreBytes(pin);
    const boundBytes = pinnedShareMax * this.#settings.bytes;
    if (!pinned.has(pin) && pinned.bytes + more > boundBytes)
      throw fault("CACHE_FULL", `${pin.model}@${pin.version} takes ${formatBytes(more)} more of ${this.name}, where ${formatBytes(boundBytes)} can be pinned`, {
        advice: "Give the tier a larger `size` in holdfast.yaml, or warm another tier.",
      });
    await writePin(this.#settings.folder, pin, this.#world.id()).catch((error: unknown) => {
      throw this.#unusable(error);
    });
    this.#shelf.pin(pin);
  }

  #unusable(error: unknown): Error {
    return fault("CACHE_UNREACHABLE", `the folder ${this.#settings.folder} of tier ${this.name} cannot be written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
