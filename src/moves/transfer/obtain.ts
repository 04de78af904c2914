/**
 * Chunks into a window, from the cache where it has them and from volumes where it does not. What comes from a cache is decoded and
 * verified like what comes from a volume; when it is wrong the tier that gave it is told, and the volumes are read.
 */
import { encodingIds } from "../../bytes/codecs/index.ts";
import { throwIfCancelled } from "../../core/errors.ts";
import type { DomainName } from "../../core/names.ts";
import { type DecodeChunk, verdictGood } from "../../machine/jobs.ts";
import { requireSpan } from "../../machine/span.ts";
import { type CacheKey, cacheKey, type Found, type Fresh } from "../../places/cache/index.ts";
import type { StoredForm } from "../../places/cache/tier.ts";
import type { ChunkPlace } from "../../places/catalog/index.ts";
import { chunkReads } from "../../places/coordinate/index.ts";
import type { Engine } from "../engine.ts";
import type { Chain } from "./chains.ts";
import { type Fetch, fetchPrepared, type Prepared, prepare } from "./fetch.ts";
import { type Filling, fillInTurn } from "./in-turn.ts";
import { bytesOfCopies } from "./plan.ts";
import type { Replicas } from "./replicas.ts";

/** What chunks are taken from, and for whom. */
export interface Source {
  readonly engine: Engine;
  readonly replicas: Replicas;
  readonly domain: DomainName;
  readonly signal: AbortSignal;
  /** Raw bytes of all that is loaded in one go; undefined: little. */
  readonly loadBytes?: number;
}

/** A chunk as a cache knows it. */
interface Item extends Prepared {
  readonly key: CacheKey;
  readonly form: StoredForm;
}

/** `room` has at least `roomBytesFor` bytes. Throws when a chunk is right on no replica. */
export async function obtainChunks(source: Source, fetches: readonly Fetch[], window: Uint8Array, room: Uint8Array): Promise<void> {
  const { engine, replicas, signal } = source;
  const prepared = prepare(fetches, window, room);
  if (engine.cache.inUse)
    await obtain(
      source,
      prepared.map((one) => itemOf(source, one)),
      window,
      room,
    );
  else await fetchPrepared(engine, replicas, prepared, window, room, signal);
}

async function obtain(source: Source, items: readonly Item[], window: Uint8Array, room: Uint8Array): Promise<void> {
  source.engine.coordination.tally.count(
    chunkReads(source.domain),
    items.map(({ key }) => key),
  );
  const missing = await takeCached(source, items, window);
  if (missing.length === 0) return;
  using claim = source.engine.cache.flights.claim(missing.map(({ key }) => key));
  const mine = missing.filter((_, index) => claim.mine[index]);
  await fillInTurns(source, mine, window, room);
  claim[Symbol.dispose]();
  const fetchedByOthers = missing.filter((_, index) => !claim.mine[index]);
  if (fetchedByOthers.length === 0) return;
  await endedOrCancelled(claim.others, source.signal);
  await fetchAndKeep(source, await takeCached(source, fetchedByOthers, window), window, room);
}

/** How long a window waits for room on the way to a slow tier: with several under way a load loses next to nothing, and is held to the pace of a tier that nearly keeps up. */
const keepWaitMs = 50;
/** The same where others wait for what was fetched. */
const fillerKeepWaitMs = 3000;

/** Where other processes want the same chunks from the same tiers, one of them fetches each. */
async function fillInTurns(source: Source, items: readonly Item[], window: Uint8Array, room: Uint8Array): Promise<void> {
  const { cache, coordination } = source.engine;
  const { fillers } = coordination;
  if (!fillers.inUse || !cache.shared || items.length === 0) return fetchAndKeep(source, items, window, room);
  const filling: Filling<Item> = {
    recall: (some) => takeCached(source, some, window),
    fetch: (some) => fetchAndKeep(source, some, window, room, fillerKeepWaitMs),
    kept: (some) => cache.written(some.map(({ key }) => key)),
  };
  await fillInTurn(fillers, items, filling, source.signal);
}

async function endedOrCancelled(ended: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const cancelled = Promise.withResolvers<void>();
  const wake = (): void => cancelled.resolve();
  signal.addEventListener("abort", wake, { once: true });
  if (!signal.aborted) await Promise.race([ended, cancelled.promise]);
  signal.removeEventListener("abort", wake);
  throwIfCancelled(signal);
}

function itemOf({ domain }: Source, prepared: Prepared): Item {
  const { chunk, chain } = prepared;
  return { ...prepared, key: cacheKey(domain, chunk.digest), form: formOf(chain, chunk.rawBytes) };
}

/** How a cache keeps a chunk. One that stands on others is kept raw: a cache that had to have all of them would have none of them. */
export function formOf(chain: Chain, rawBytes: number): StoredForm {
  const { encoding, storedBytes } = chain.at(-1) as ChunkPlace;
  return chain.length === 1 ? { encoding, rawBytes, storedBytes } : { encoding: encodingIds.RAW, rawBytes, storedBytes: rawBytes };
}

/** Decodes what the tiers have, and returns the rest. */
async function takeCached({ engine, replicas, signal, loadBytes = 0 }: Source, items: readonly Item[], window: Uint8Array): Promise<Item[]> {
  if (items.length === 0) return [];
  const { cache } = engine;
  const answers = await cache.read(
    items.map(({ key, form, room }) => ({ key, form, into: room.subarray(0, form.storedBytes) })),
    signal,
  );
  const hits = items.flatMap((item, index) => (answers[index] ? [{ item, key: item.key, found: answers[index] }] : []));
  if (hits.length === 0) return [...items];
  try {
    const verdicts = await engine.pool.run({ kind: "decode", chunks: hits.map(({ item, found }) => decodeChunkOf(item, found)), window: requireSpan(window) });
    const good = hits.filter((_, index) => verdicts[index] === verdictGood);
    replicas.cachedBytes += good.reduce((sum, { item }) => sum + item.form.storedBytes, 0);
    await cache.keep(
      good.map(({ item, found }) => freshFrom(item, found)),
      signal,
      { loadBytes },
    );
    await cache.distrust(
      hits.filter((_, index) => verdicts[index] !== verdictGood),
      signal,
    );
    const taken = new Set(good.map(({ item }) => item));
    return items.filter((item) => !taken.has(item));
  } finally {
    for (const { found } of hits) found[Symbol.dispose]();
  }
}

/** Raw bytes that a tier put right into the window need no decoding, only verifying. */
function decodeChunkOf({ chunk, form, inPlace, room }: Item, { body, crc32c }: Found): DecodeChunk {
  const there = inPlace && body.buffer === room.buffer && body.byteOffset === room.byteOffset;
  const steps = there ? [] : [{ encoding: form.encoding, stored: requireSpan(body), crc32c }];
  return { digest: chunk.digest, rawBytes: chunk.rawBytes, copies: chunk.copies, steps };
}

function freshFrom({ key, form }: Item, found: Found): Fresh {
  return { key, form, crc32c: found.crc32c, from: found.body, copies: undefined, found };
}

async function fetchAndKeep(
  { engine, replicas, signal, loadBytes = 0 }: Source,
  items: readonly Item[],
  window: Uint8Array,
  room: Uint8Array,
  waitMs = keepWaitMs,
): Promise<void> {
  if (items.length === 0) return;
  await fetchPrepared(engine, replicas, items, window, room, signal);
  await engine.cache.keep(
    items.flatMap((item) => freshOf(item, window)),
    signal,
    { waitMs, loadBytes },
  );
}

/** What was read of a chunk that stands alone, or what was made of one that does not, if the window has all of it. */
function freshOf(item: Item, window: Uint8Array): Fresh[] {
  const { key, form, chain, slots, chunk } = item;
  if (chain.length === 1) return slots.map(({ place, view }) => ({ key, form, crc32c: place.crc32c, from: view, copies: undefined, found: undefined }));
  if (bytesOfCopies(chunk.copies) !== chunk.rawBytes) return [];
  return [{ key, form, crc32c: undefined, from: window, copies: chunk.copies, found: undefined }];
}
