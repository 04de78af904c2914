/** Chunks from volumes into one tier of the cache, verified, each waited for: for warming, where a load would not wait. */
import { requireSpan } from "../../machine/span.ts";
import type { CacheKey } from "../../places/cache/index.ts";
import type { StoredForm, Tier, Value } from "../../places/cache/tier.ts";
import { requireChains } from "./chains.ts";
import { type Fetch, fetchPrepared, prepare, roomBytesFor } from "./fetch.ts";
import { eachLimited } from "./limited.ts";
import { formOf, type Source } from "./obtain.ts";
import type { WantedChunk } from "./plan.ts";
import { windowBytesFor } from "./window-bytes.ts";

export interface TierChunk {
  readonly key: CacheKey;
  /** 32 bytes. */
  readonly digest: Uint8Array;
  readonly rawBytes: number;
}

/** The forms in which a cache has the chunks, in their order. */
export async function formsOf({ engine, domain }: Source, chunks: readonly TierChunk[]): Promise<StoredForm[]> {
  const forms: StoredForm[] = [];
  for (let at = 0; at < chunks.length; at += chunksAtOnce) {
    const page = chunks.slice(at, at + chunksAtOnce);
    const chains = await requireChains(
      engine.catalog,
      domain,
      page.map(({ digest }) => digest),
    );
    forms.push(...chains.map((chain, index) => formOf(chain, (page[index] as TierChunk).rawBytes)));
  }
  return forms;
}

const chunksAtOnce = 4096;
const windowsAtOnce = 3;

/** Throws when a chunk is right on no replica. What the tier does not take it does not have: ask it afterwards. */
export async function fillTier(source: Source, tier: Tier, chunks: readonly TierChunk[], report: (bytes: number) => void): Promise<void> {
  await eachLimited(windowsIn(chunks, windowBytesFor(source.engine.volumes.rows)), windowsAtOnce, async (window) => {
    await fillWindow(source, tier, window);
    report(window.reduce((sum, { rawBytes }) => sum + rawBytes, 0));
  });
}

function* windowsIn(chunks: readonly TierChunk[], windowBytes: number): Generator<TierChunk[]> {
  let window: TierChunk[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    window.push(chunk);
    bytes += chunk.rawBytes;
    if (bytes < windowBytes) continue;
    yield window;
    [window, bytes] = [[], 0];
  }
  if (window.length > 0) yield window;
}

async function fillWindow({ engine, replicas, domain, signal }: Source, tier: Tier, chunks: readonly TierChunk[]): Promise<void> {
  const chains = await requireChains(
    engine.catalog,
    domain,
    chunks.map(({ digest }) => digest),
  );
  const { wanted, bytes } = besideEachOther(chunks);
  const fetches = wanted.map((chunk, index) => ({ chunk, chain: chains[index] as Fetch["chain"] }));
  const windowBytes = Math.ceil(bytes / 64) * 64;
  using lease = await engine.arena.lend(windowBytes + roomBytesFor(fetches), signal);
  const [window, room] = [lease.bytes.subarray(0, windowBytes), lease.bytes.subarray(windowBytes)];
  const prepared = prepare(fetches, window, room);
  await fetchPrepared(engine, replicas, prepared, window, room, signal);
  const values = prepared.map(async ({ chain, slots, chunk }, index): Promise<Value> => {
    const form = formOf(chain, chunk.rawBytes);
    const [slot] = slots;
    const { key } = chunks[index] as TierChunk;
    if (slots.length === 1 && slot) return { key, form, crc32c: slot.place.crc32c, body: slot.view };
    const at = chunk.copies[0]?.to ?? 0;
    const body = window.subarray(at, at + chunk.rawBytes);
    return { key, form, crc32c: await engine.pool.run({ kind: "crc32c", from: [requireSpan(body)] }), body };
  });
  await tier.write(await Promise.all(values), signal);
}

/** Whole chunks, one behind the other in a window. */
function besideEachOther(chunks: readonly TierChunk[]): { readonly wanted: WantedChunk[]; readonly bytes: number } {
  let bytes = 0;
  const wanted = chunks.map(({ digest, rawBytes }) => {
    const to = bytes;
    bytes += rawBytes;
    return { digest, rawBytes, copies: [{ from: 0, fromStride: rawBytes, to, toStride: rawBytes, rows: 1, rowBytes: rawBytes }] };
  });
  return { wanted, bytes };
}
