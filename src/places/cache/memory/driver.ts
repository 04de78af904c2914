import { fault } from "../../../core/errors.ts";
import { formatBytes } from "../../../core/units.ts";
import type { Arena, Lease } from "../../../machine/arena.ts";
import { requireSpan } from "../../../machine/span.ts";
import type { CacheKey } from "../key.ts";
import { PinnedKeys } from "../pinned.ts";
import { openPolicy } from "../policies/index.ts";
import type { EvictionPolicy } from "../policy.ts";
import type { Hit, Pin, Pins, StoredForm, Tier, TierFacts, Value, Wanted } from "../tier.ts";
import type { MemorySettings, TierEnvironment } from "../tier-settings.ts";
import { sameForm } from "../value.ts";
import { slotBytes } from "./slot-bytes.ts";

interface Entry {
  readonly form: StoredForm;
  readonly crc32c: number;
  readonly lease: Lease;
  readonly slotBytes: number;
  /** It is being decoded from: its memory stays until nobody does. */
  readers: number;
  gone: boolean;
}

/** Pinned versions may take this share: the rest stays for everything else, and for the gaps between values of different sizes. */
const pinnedShareMax = 0.85;
/** Values that went for one that then found no gap: no more than so many times its bytes. */
const evictedPerWriteMax = 8;

export class MemoryTier implements Tier {
  readonly name: string;
  readonly traits = { immediate: true };
  readonly pins: Pins;
  readonly #region: Arena;
  readonly #policy: EvictionPolicy;
  readonly #copyOut: TierEnvironment["copyOut"];
  readonly #entries = new Map<CacheKey, Entry>();
  readonly #arriving = new Set<CacheKey>();
  readonly #pinned = new PinnedKeys(slotBytes);
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  constructor({ name, bytes, policy }: MemorySettings, { world, region, copyOut }: TierEnvironment) {
    this.name = name;
    this.#region = region(bytes);
    this.#policy = openPolicy(policy, world);
    this.#copyOut = copyOut;
    this.pins = {
      add: async (pin) => this.#pin(pin),
      lacking: async (pin) => pin.chunks.flatMap(({ key, form }) => (this.#find(key, form) ? [] : [key])),
      remove: async (pin) => this.#unpin(pin),
      list: async () => this.#pinned.list(),
    };
  }

  async read(wanted: readonly Wanted[]): Promise<readonly (Hit | undefined)[]> {
    return wanted.map(({ key, form }) => {
      const entry = this.#find(key, form);
      if (entry) this.#hits++;
      else this.#misses++;
      if (!entry) return undefined;
      this.#policy.touched(key);
      return this.#hold(entry);
    });
  }

  async write(values: readonly Value[]): Promise<void> {
    const placed = values.flatMap((value) => {
      if (this.#arriving.has(value.key) || this.#find(value.key, value.form)) return [];
      this.#forget(value.key);
      const lease = this.#makeRoom(slotBytes(value.form.storedBytes));
      if (lease) this.#arriving.add(value.key);
      return lease ? [{ value, lease }] : [];
    });
    if (placed.length === 0) return;
    const target = ({ lease, value }: { lease: Lease; value: Value }): Uint8Array => lease.bytes.subarray(0, value.form.storedBytes);
    try {
      await this.#copyOut(placed.map((one) => ({ from: requireSpan(one.value.body), copies: undefined, to: requireSpan(target(one)), sum: false })));
      for (const { value, lease } of placed) this.#enter(value, lease);
    } catch (error) {
      for (const { lease } of placed) lease[Symbol.dispose]();
      throw error;
    } finally {
      for (const { value } of placed) this.#arriving.delete(value.key);
    }
  }

  async drop(keys: readonly CacheKey[]): Promise<void> {
    for (const key of keys) this.#forget(key);
  }

  async facts(): Promise<TierFacts> {
    const { capacityBytes } = this.#region;
    return {
      bytes: this.#bytes,
      bytesMax: capacityBytes,
      entries: this.#entries.size,
      hits: this.#hits,
      misses: this.#misses,
      policy: this.#policy.name,
      notes: ["What it keeps ends with the process."],
    };
  }

  async clear(): Promise<void> {
    this.#pinned.clear();
    for (const key of [...this.#entries.keys()]) this.#forget(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
  }

  #find(key: CacheKey, form: StoredForm): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && sameForm(entry.form, form) ? entry : undefined;
  }

  #hold(entry: Entry): Hit {
    entry.readers++;
    let held = true;
    return {
      body: entry.lease.bytes.subarray(0, entry.form.storedBytes),
      crc32c: entry.crc32c,
      thin: false,
      [Symbol.dispose]() {
        if (held && --entry.readers === 0 && entry.gone) entry.lease[Symbol.dispose]();
        held = false;
      },
    };
  }

  #enter({ key, form, crc32c }: Value, lease: Lease): void {
    const entry: Entry = { form, crc32c, lease, slotBytes: slotBytes(form.storedBytes), readers: 0, gone: false };
    this.#entries.set(key, entry);
    this.#bytes += entry.slotBytes;
    if (!this.#pinned.holds(key)) this.#policy.added(key);
  }

  #forget(key: CacheKey): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#policy.removed(key);
    this.#bytes -= entry.slotBytes;
    entry.gone = true;
    if (entry.readers === 0) entry.lease[Symbol.dispose]();
  }

  #makeRoom(bytes: number): Lease | undefined {
    for (let evictedBytes = 0; ; ) {
      const lease = this.#region.lendNow(bytes);
      if (lease || evictedBytes > evictedPerWriteMax * bytes) return lease;
      const victim = this.#policy.victim();
      if (victim === undefined) return undefined;
      evictedBytes += this.#entries.get(victim)?.slotBytes ?? 0;
      this.#forget(victim);
    }
  }

  #pin(pin: Pin): void {
    const more = this.#pinned.moreBytes(pin);
    const boundBytes = pinnedShareMax * this.#region.capacityBytes;
    if (!this.#pinned.has(pin) && this.#pinned.bytes + more > boundBytes)
      throw fault("CACHE_FULL", `${pin.model}@${pin.version} takes ${formatBytes(more)} more of ${this.name}, where ${formatBytes(boundBytes)} can be pinned`, {
        advice: "Give the tier more memory in holdfast.yaml, or warm another tier.",
      });
    this.#pinned.add(pin);
    for (const { key } of pin.chunks) this.#policy.removed(key);
  }

  #unpin(pin: Pin): void {
    for (const key of this.#pinned.remove(pin)) if (this.#entries.has(key)) this.#policy.added(key);
  }
}
