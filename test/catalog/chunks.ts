import assert from "node:assert/strict";
import type { DomainName } from "../../src/core/names.ts";
import { type Cases, chunk, deltaOf, domain, hash, packed, refused } from "./bench.ts";

export const chunkCases: Cases = {
  "each digest is answered, in order": async (bench) => {
    const object = await bench.store(await bench.intent(), [chunk("a"), chunk("b", { offset: 900 })]);
    const places = await bench.places("b", "none", "a", "b");
    assert.deepEqual(
      places.map((place) => place && [place.object, place.offset]),
      [[object, 900], undefined, [object, 64], [object, 900]],
    );
  },
  "no digests, no answers": async ({ catalog }) => {
    assert.deepEqual(await catalog.places(domain, new Uint8Array(0)), []);
  },
  "half a digest is refused": async ({ catalog }) => {
    await refused("ARGUMENT_INVALID", catalog.places(domain, new Uint8Array(33)));
  },
  "A12: a domain never learns of the chunks of another": async (bench) => {
    const intent = await bench.intent();
    await bench.store(intent, [chunk("a")], { domain: "theirs" as DomainName });
    assert.deepEqual(await bench.places("a"), [undefined]);
    const mine = await bench.store(intent, [chunk("a")]);
    assert.deepEqual(await bench.holders("a"), [mine]);
  },
  "a place is read as it was published": async (bench) => {
    const base = hash("base");
    const odd = chunk("a", { offset: 2 ** 40 + 1, storedBytes: 2 ** 31, rawBytes: 2 ** 32, encoding: 255, crc32c: 0xffff_ffff, base, depth: 4 });
    const object = await bench.store(await bench.intent(), [chunk("base"), odd]);
    const { digest: _, ...place } = odd;
    const [found] = await bench.places("a");
    assert.deepEqual({ ...found, base: new Uint8Array(found?.base ?? []) }, { ...place, object });
  },
  "digests that begin alike are told apart": async (bench) => {
    const alike = hash("a").slice();
    alike[31] = (alike[31] as number) ^ 1;
    const object = await bench.store(await bench.intent(), [chunk("a"), chunk("alike", { digest: alike, offset: 777 })]);
    const places = await bench.catalog.places(domain, new Uint8Array(Buffer.concat([alike, hash("a")])));
    assert.deepEqual(
      places.map((place) => [place?.object, place?.offset]),
      [[object, 777], [object, 64]], // biome-ignore format: pairs
    );
  },
  "the same digest twice in one object is one chunk": async (bench) => {
    const object = await bench.store(await bench.intent(), [chunk("a", { offset: 1 }), chunk("a", { offset: 2 })]);
    assert.equal((await bench.places("a"))[0]?.offset, 1);
    assert.equal((await bench.catalog.chunksOf(object)).length, 1);
  },
  "chunks of a reserved object are not there yet": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    assert.deepEqual(await bench.places("a"), [undefined]);
    await bench.catalog.publish(intent, id, [], [chunk("a")]);
    assert.deepEqual(await bench.holders("a"), [id]);
  },
  "chunks of a condemned object still count": async (bench) => {
    const object = await bench.condemned(chunk("a"));
    assert.equal(await bench.state(object), "condemned");
    assert.deepEqual(await bench.holders("a"), [object]);
  },
  "chunks of an object in deletion do not count": async (bench) => {
    const object = await bench.condemned(chunk("a"));
    assert.deepEqual(await bench.claimed(), [object]);
    assert.deepEqual(await bench.places("a"), [undefined]);
  },
  "a delta whose base is deleted is not there either, however deep": async (bench) => {
    await bench.condemned(chunk("base"));
    const intent = await bench.intent();
    const deltas = [deltaOf("one", "base"), deltaOf("two", "one", 2), chunk("plain"), deltaOf("of plain", "plain")];
    const kept = await bench.store(intent, deltas);
    assert.deepEqual(await bench.holders("one", "two"), [kept, kept]);
    await bench.catalog.closeIntent(intent);
    const holder = await bench.intent();
    await bench.catalog.pinObjects(holder, [kept]);
    await bench.catalog.condemn();
    await bench.claimed();
    assert.deepEqual(await bench.holders("base", "one", "two", "plain", "of plain"), [undefined, undefined, undefined, kept, kept]);
    assert.equal((await bench.catalog.chunksOf(kept)).length, 2);
    assert.equal((await bench.catalog.totals()).chunks, 2);
  },
  "ten thousand digests are answered in one call": async (bench) => {
    const names = Array.from({ length: 10_000 }, (_, n) => `chunk ${n}`);
    const object = await bench.store(
      await bench.intent(),
      names.filter((_, n) => n % 2 === 0).map((name, n) => chunk(name, { offset: n })),
    );
    const places = await bench.catalog.places(domain, packed(...names));
    assert.ok(places.every((place, n) => (n % 2 === 0 ? place?.object === object && place.offset === n / 2 : place === undefined)));
  },
};
