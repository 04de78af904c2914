/** What every tier must do, wherever it keeps values. A driver's test is one call of `tierConformance`. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { blake3, crc32c } from "../../bytes/digests/index.ts";
import { fault, isFault } from "../../core/errors.ts";
import type { DomainName, ModelName, VersionId } from "../../core/names.ts";
import { KiB, MiB } from "../../core/units.ts";
import { cacheKey } from "./key.ts";
import type { Hit, Pin, Tier, Value, Wanted } from "./tier.ts";

export const never: AbortSignal = new AbortController().signal;

interface Fixture {
  readonly tier: Tier;
  /** The same place, opened anew; undefined where what is kept ends with the process. */
  readonly again: (() => Promise<Tier>) | undefined;
  dispose(): Promise<void>;
}

export interface Conformance {
  /** An empty tier that takes at least 16 MiB. */
  readonly make: () => Promise<Fixture>;
  /** More than the tier can pin. */
  readonly pinBytesTooMany: number;
}

let serial = 0;

/** A value of random-looking bytes, another one each time. */
export function someValue(bytes: number, seed = ++serial): Value {
  const body = new Uint8Array(new SharedArrayBuffer(bytes));
  let state = (seed * 2654435761) >>> 0;
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    for (let byte = 0; byte < 4 && at + byte < bytes; byte++) body[at + byte] = state >>> (byte * 8);
  }
  const digest = blake3(Buffer.from(`${seed} ${process.pid} ${bytes}`));
  return { key: cacheKey("acme" as DomainName, digest), form: { encoding: 3, rawBytes: bytes + 1, storedBytes: bytes }, crc32c: crc32c(body), body };
}

export function wantedOf({ key, form }: Pick<Value, "key" | "form">): Wanted {
  return { key, form, into: new Uint8Array(new SharedArrayBuffer(form.storedBytes)) };
}

/** Reads one value, and returns a copy of its bytes. */
export async function bytesIn(tier: Tier, value: Pick<Value, "key" | "form">): Promise<Uint8Array | undefined> {
  const [hit] = await tier.read([wantedOf(value)], never);
  if (!hit) return undefined;
  const copy = Uint8Array.from(hit.body);
  hit[Symbol.dispose]();
  return copy;
}

function pinOf(name: string, values: readonly Pick<Value, "key" | "form">[]): Pin {
  return { model: `acme/${name}` as ModelName, version: "0".repeat(40) as VersionId, chunks: values };
}

async function holds(tier: Tier, values: readonly Value[]): Promise<void> {
  for (const value of values) assert.deepEqual(await bytesIn(tier, value), Uint8Array.from(value.body), `${value.form.storedBytes} bytes`);
}

const cases: Readonly<Record<string, (fixture: Fixture, options: Conformance) => Promise<void>>> = {
  "what was written is read again, of every size, with the checksum": async ({ tier }) => {
    const values = [1, 63, 64, 4096, 100_001, 1 * MiB, 4 * MiB].map((bytes) => someValue(bytes));
    await tier.write(values, never);
    await holds(tier, values);
    const hits = await tier.read(values.map(wantedOf), never);
    assert.deepEqual(
      hits.map((hit) => hit?.crc32c),
      values.map(({ crc32c: sum }) => sum),
    );
    for (const hit of hits) hit?.[Symbol.dispose]();
  },
  "what was never written is not there, between others that are": async ({ tier }) => {
    const [first, second] = [someValue(5000), someValue(70_000)];
    await tier.write([first, second], never);
    const hits = await tier.read([first, someValue(5000), second].map(wantedOf), never);
    assert.deepEqual(hits.map(Boolean), [true, false, true]);
    for (const hit of hits) hit?.[Symbol.dispose]();
    assert.deepEqual(await tier.read([], never), []);
  },
  "a value in another form than the one that is wanted is not there": async ({ tier }) => {
    const value = someValue(9000);
    await tier.write([value], never);
    for (const form of [
      { ...value.form, encoding: 4 },
      { ...value.form, rawBytes: 1 },
      { ...value.form, storedBytes: 8999 },
      { ...value.form, storedBytes: 9001 },
    ])
      assert.equal(await bytesIn(tier, { key: value.key, form }), undefined, JSON.stringify(form));
  },
  "the same digest in another domain is not there": async ({ tier }) => {
    const value = someValue(500);
    await tier.write([value], never);
    const key = value.key.replace("acme/", "other/") as Value["key"];
    assert.equal(await bytesIn(tier, { ...value, key }), undefined);
  },
  "what is dropped is gone, and dropping nothing is fine": async ({ tier }) => {
    const [kept, wrong] = [someValue(300_000), someValue(300_000)];
    await tier.write([kept, wrong], never);
    await tier.drop([wrong.key, someValue(1).key], never);
    await tier.drop([], never);
    assert.equal(await bytesIn(tier, wrong), undefined);
    await holds(tier, [kept]);
    await tier.write([wrong], never);
    await holds(tier, [wrong]);
  },
  "bytes that were found stay as they are until they are given back": async ({ tier }) => {
    const value = someValue(200_000);
    await tier.write([value], never);
    const [hit] = (await tier.read([wantedOf(value)], never)) as [Hit];
    await tier.drop([value.key], never);
    await tier.write(
      Array.from({ length: 8 }, () => someValue(200_000)),
      never,
    );
    assert.deepEqual(Uint8Array.from(hit.body), Uint8Array.from(value.body));
    hit[Symbol.dispose]();
    hit[Symbol.dispose]();
  },
  "many read and write at once": async ({ tier }) => {
    const values = Array.from({ length: 40 }, (_, index) => someValue(1000 + index * 5000));
    await Promise.all([0, 1, 2].map(() => Promise.all(values.map((value) => tier.write([value], never)))));
    await Promise.all([0, 1, 2].map(() => holds(tier, values)));
  },
  "a pinned version is listed, lacks nothing when it is there, and is let go": async ({ tier }) => {
    const values = [someValue(10 * KiB), someValue(20 * KiB)];
    const pin = pinOf("pinned", values);
    await tier.pins.add(pin, never);
    await tier.pins.add(pin, never);
    assert.deepEqual(
      await tier.pins.lacking(pin, never),
      values.map(({ key }) => key),
    );
    await tier.write(values, never);
    assert.deepEqual(await tier.pins.lacking(pin, never), []);
    const [listed, ...others] = (await tier.pins.list(never)).filter(({ model }) => model === pin.model);
    assert.deepEqual([listed?.version, listed?.chunks, others.length], [pin.version, 2, 0]);
    assert.ok((listed?.bytes ?? 0) >= 30 * KiB);
    await tier.pins.remove(pin, never);
    assert.deepEqual(
      (await tier.pins.list(never)).filter(({ model }) => model === pin.model),
      [],
    );
    await tier.pins.remove(pin, never);
    await holds(tier, values);
  },
  "what was there before its version was pinned is kept too, also when it is written again": async ({ tier }) => {
    const values = [someValue(10 * KiB), someValue(20 * KiB)];
    const pin = pinOf("late", values);
    await tier.write(values, never);
    await tier.pins.add(pin, never);
    assert.deepEqual(await tier.pins.lacking(pin, never), []);
    await tier.write(values, never);
    assert.deepEqual(await tier.pins.lacking(pin, never), []);
    await tier.pins.remove(pin, never);
  },
  "a version that cannot be kept whole is refused, and nothing of it is pinned": async ({ tier }, { pinBytesTooMany }) => {
    const count = Math.ceil(pinBytesTooMany / (4 * MiB));
    const chunks = Array.from({ length: count }, () => ({ ...someValue(4), form: { encoding: 0, rawBytes: 4 * MiB, storedBytes: 4 * MiB } }));
    await assert.rejects(tier.pins.add(pinOf("huge", chunks), never), (error) => isFault(error, "CACHE_FULL"));
    assert.deepEqual(
      (await tier.pins.list(never)).filter(({ model }) => model === "acme/huge"),
      [],
    );
  },
  "facts count what is there": async ({ tier }) => {
    const before = await tier.facts(never);
    await tier.write([someValue(400_000)], never);
    const now = await tier.facts(never);
    assert.ok(now.bytes >= before.bytes + 400_000, `${before.bytes} → ${now.bytes}`);
    assert.ok(now.entries > before.entries);
    assert.ok(now.policy.length > 0);
  },
  "whoever opens the place again finds what was kept": async ({ tier, again }) => {
    if (!again) return;
    const values = [someValue(1234), someValue(1 * MiB)];
    const pin = pinOf("lasting", values);
    await tier.pins.add(pin, never);
    await tier.write(values, never);
    await using other = await again();
    await holds(other, values);
    assert.deepEqual(await other.pins.lacking(pin, never), []);
    assert.equal((await other.pins.list(never)).filter(({ model }) => model === pin.model).length, 1);
    await other.pins.remove(pin, never);
  },
  "a call that is cancelled before it begins says so, or ends well": async ({ tier }) => {
    const value = someValue(100);
    const signal = AbortSignal.abort(fault("CANCELLED", "test"));
    for (const work of [tier.read([wantedOf(value)], signal), tier.write([value], signal), tier.drop([value.key], signal)])
      await work.catch((error: unknown) => assert.ok(isFault(error, "CANCELLED"), String(error)));
  },
  // Behind all others: it takes their values too.
  "clearing leaves nothing, pins neither": async ({ tier }) => {
    const value = someValue(1000);
    await tier.pins.add(pinOf("cleared", [value]), never);
    await tier.write([value], never);
    await tier.clear(never);
    assert.equal(await bytesIn(tier, value), undefined);
    assert.deepEqual(await tier.pins.list(never), []);
    assert.equal((await tier.facts(never)).entries, 0);
    await tier.write([value], never);
    await holds(tier, [value]);
  },
};

/** Runs all cases on one tier; no two of them use the same keys. */
export function tierConformance(name: string, options: Conformance, skip: string | false = false): void {
  describe(`tier ${name}`, { skip }, () => {
    let fixture: Fixture;
    before(async () => {
      fixture = await options.make();
    });
    after(() => fixture.dispose());
    for (const [title, run] of Object.entries(cases)) test(title, () => run(fixture, options));
  });
}
