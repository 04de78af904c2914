/** The tiers of a store as one: read through from the nearest to the farthest, written behind, each chunk fetched once. */
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Arena, Lease } from "../../machine/arena.ts";
import type { Copy } from "../../machine/jobs.ts";
import { requireSpan } from "../../machine/span.ts";
import { Behind } from "./behind.ts";
import { Flights } from "./flights.ts";
import type { CacheKey } from "./key.ts";
import { openTier } from "./open.ts";
import type { Hit, StoredForm, Tier, Value, Wanted } from "./tier.ts";
import type { TierEnvironment, TierSettings } from "./tier-settings.ts";

export interface Found extends Hit {
  /** Which tier it came from, 0 the nearest; undefined for what is still to be written. */
  readonly level: number | undefined;
}

/** A chunk that was verified: what tiers may keep. */
export interface Fresh {
  readonly key: CacheKey;
  readonly form: StoredForm;
  /** Of the stored bytes; undefined where it has to be taken. */
  readonly crc32c: number | undefined;
  /** The stored bytes, or the memory in which their rows lie. */
  readonly from: Uint8Array;
  readonly copies: readonly Copy[] | undefined;
  /** Where it was found, if not on a volume. */
  readonly found: Pick<Found, "level" | "thin"> | undefined;
}

export interface KeepWish {
  /** How long to wait for room on the way to slow tiers. */
  readonly waitMs?: number;
  /** Raw bytes of all that is loaded in one go. */
  readonly loadBytes?: number;
}

/** A value that is about to be kept. */
interface Taken extends Fresh {
  readonly tiers: readonly Tier[];
  readonly lease: Lease | undefined;
}

export class ChunkCache implements AsyncDisposable {
  readonly flights = new Flights();
  readonly #settings: readonly TierSettings[];
  readonly #environment: TierEnvironment;
  readonly #openOne: typeof openTier;
  #open: Promise<readonly Tier[]> | undefined;
  #behind: Behind | undefined;

  /** Tiers are opened when they are first asked. */
  constructor(settings: readonly TierSettings[], environment: TierEnvironment, open: typeof openTier = openTier) {
    this.#settings = settings;
    this.#openOne = open;
    this.#environment = environment;
  }

  /** Whether there is any tier at all. */
  get inUse(): boolean {
    return this.#settings.length > 0;
  }

  /** Whether what one process keeps is found by others. */
  get shared(): boolean {
    return this.#settings.some(({ kind }) => kind !== "memory");
  }

  get settings(): readonly TierSettings[] {
    return this.#settings;
  }

  tiers(): Promise<readonly Tier[]> {
    this.#open ??= Promise.all(this.#settings.map((settings) => this.#openOne(settings, this.#environment)));
    return this.#open;
  }

  /** Throws TIER_MISSING. */
  async tier(name: string): Promise<Tier> {
    const found = (await this.tiers()).find((tier) => tier.name === name);
    if (found) return found;
    const names = this.#settings.map((one) => one.name).join(", ");
    throw fault("TIER_MISSING", `the cache has no tier ${JSON.stringify(name)}`, {
      advice: names === "" ? "Name tiers under `cache:` in holdfast.yaml." : `It has ${names}.`,
    });
  }

  /** One answer for each, from the nearest tier that has it. Dispose of what was found when it is decoded. */
  async read(wanted: readonly Wanted[], signal: AbortSignal): Promise<(Found | undefined)[]> {
    const found: (Found | undefined)[] = wanted.map((one) => withLevel(this.#behind?.find(one), undefined));
    try {
      for (const [level, tier] of (await this.tiers()).entries()) {
        const left = wanted.map((one, index) => ({ one, index })).filter(({ index }) => !found[index]);
        if (left.length === 0) break;
        const hits = await tier.read(
          left.map(({ one }) => one),
          signal,
        );
        for (const [at, { index }] of left.entries()) found[index] = withLevel(hits[at], level);
      }
      return found;
    } catch (error) {
      for (const hit of found) hit?.[Symbol.dispose]();
      throw error;
    }
  }

  /** Tells tiers that what they gave was wrong. */
  async distrust(wrong: readonly { readonly key: CacheKey; readonly found: Found }[], signal: AbortSignal): Promise<void> {
    const tiers = await this.tiers();
    for (const [level, group] of Map.groupBy(wrong, ({ found }) => found.level))
      if (level !== undefined)
        await tiers[level]?.drop(
          group.map(({ key }) => key),
          signal,
        );
  }

  /**
   * Keeps verified chunks in the tiers that lack them. When it resolves their memory is no longer needed; slow tiers get them later, or not at
   * all where there is no room for them within the wait. What only flows through a tier is not put there.
   */
  async keep(fresh: readonly Fresh[], signal: AbortSignal, { waitMs = 0, loadBytes = 0 }: KeepWish = {}): Promise<void> {
    const taken = await this.#take(fresh, { waitMs, loadBytes }, signal);
    if (taken.length === 0) return;
    const tiers = await this.tiers();
    const values = await this.#copied(taken);
    try {
      for (const tier of tiers.filter((one) => one.traits.immediate))
        await tier.write(
          values.filter((_, index) => taken[index]?.tiers.includes(tier)),
          signal,
        );
    } finally {
      for (const [index, { lease, tiers: wanting }] of taken.entries())
        if (lease)
          this.#later.add(
            values[index] as Value,
            lease,
            wanting.filter((tier) => !tier.traits.immediate),
          );
    }
  }

  /** Resolves when none of the chunks is still to be written. */
  async written(keys: readonly CacheKey[]): Promise<void> {
    await this.#behind?.written(keys);
  }

  /** Resolves when everything that waits has been written or dropped. */
  async settled(): Promise<void> {
    await this.#behind?.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack();
    for (const tier of (await this.#open) ?? []) stack.use(tier);
    if (this.#behind) stack.use(this.#behind);
  }

  get #later(): Behind {
    this.#behind ??= new Behind(this.#environment.region(limits.cacheBehindBytes), this.#environment.world);
    return this.#behind;
  }

  /** Those that a tier wants, that do not wait already, and for which there is room where it is needed. */
  async #take(fresh: readonly Fresh[], { waitMs, loadBytes }: Required<KeepWish>, signal: AbortSignal): Promise<Taken[]> {
    const tiers = await this.tiers();
    const holds = this.#settings.map((settings) => !flowsThrough(settings, loadBytes));
    const wanted = fresh
      .map((one) => ({ one, tiers: tiers.filter((_, level) => holds[level] && lacks(level, one)) }))
      .filter((each) => each.tiers.length > 0 && !this.#later.has(each.one.key));
    const roomy = wanted.filter((each) => each.one.copies || each.tiers.some(isSlow));
    const sizes = roomy.map(({ one }) => one.form.storedBytes);
    const leases = sizes.length === 0 ? [] : await this.#lend(sizes, waitMs, signal);
    const leaseOf = new Map(roomy.map((each, index) => [each, leases[index]]));
    return wanted.flatMap((each) => {
      const lease = leaseOf.get(each);
      const reachable = lease ? each.tiers : each.one.copies ? [] : each.tiers.filter((tier) => !isSlow(tier));
      return reachable.length === 0 ? [] : [{ ...each.one, tiers: reachable, lease }];
    });
  }

  async #lend(sizes: readonly number[], waitMs: number, signal: AbortSignal): Promise<readonly (Lease | undefined)[]> {
    if (waitMs === 0) return sizes.map((bytes) => this.#later.lend(bytes));
    return this.#later.lendWithin(sizes, waitMs, signal);
  }

  async #copied(taken: readonly Taken[]): Promise<Value[]> {
    const leased = taken.filter(({ lease }) => lease);
    const jobs = leased.map(({ from, copies, lease, crc32c }) => ({
      from: requireSpan(from),
      copies,
      to: requireSpan((lease as Lease).bytes),
      sum: crc32c === undefined,
    }));
    try {
      const sums = jobs.length === 0 ? [] : await this.#environment.copyOut(jobs);
      const sumOf = new Map(leased.map((one, index) => [one, sums[index] as number]));
      return taken.map((one) => ({ key: one.key, form: one.form, crc32c: one.crc32c ?? (sumOf.get(one) as number), body: one.lease?.bytes ?? one.from }));
    } catch (error) {
      for (const { lease } of leased) lease?.[Symbol.dispose]();
      throw error;
    }
  }
}

/** A cache without tiers, for work that reads everything once. */
export function noCache(environment: Pick<TierEnvironment, "world" | "disk">, arena: Arena): ChunkCache {
  return new ChunkCache([], { ...environment, copyOut: async () => [], region: () => arena });
}

/** Many times what the tier holds, however well it is encoded. */
const flowFactor = 4;

/** Of a load that is much larger than it, a tier that forgets what was read longest ago has nothing left when the load comes again. */
function flowsThrough(settings: TierSettings, loadBytes: number): boolean {
  return settings.kind === "memory" && settings.policy === "lru" && loadBytes > flowFactor * settings.bytes;
}

function isSlow({ traits }: Tier): boolean {
  return !traits.immediate;
}

function withLevel(hit: Hit | undefined, level: number | undefined): Found | undefined {
  return hit && { body: hit.body, crc32c: hit.crc32c, thin: hit.thin, level, [Symbol.dispose]: () => hit[Symbol.dispose]() };
}

/** What was found at a level is lacked by those before it; what was found nowhere, by all. */
function lacks(level: number, { found }: Fresh): boolean {
  if (!found) return true;
  return found.level !== undefined && (level < found.level || (level === found.level && found.thin));
}
