import assert from "node:assert/strict";
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Cases, chunk, hour, model, refused, versionId } from "./bench.ts";

export const intentCases: Cases = {
  "an open intent is listed until it is closed": async ({ catalog, world }) => {
    const id = await catalog.openIntent("op", 1000);
    assert.deepEqual(await catalog.openIntents(), [{ id, opId: "op", expiresAt: world.wall + 1000 }]);
    await catalog.closeIntent(id);
    await catalog.closeIntent(id);
    assert.deepEqual(await catalog.openIntents(), []);
  },
  "an intent whose lease has ended is not open": async ({ catalog, world }) => {
    await catalog.openIntent("op", 1000);
    world.wall += 999;
    assert.equal((await catalog.openIntents()).length, 1);
    world.wall += 1;
    assert.deepEqual(await catalog.openIntents(), []);
  },
  "a renewed lease is counted from now": async ({ catalog, world }) => {
    const id = await catalog.openIntent("op", 1000);
    world.wall += 900;
    await catalog.renewIntent(id, 1000);
    world.wall += 900;
    assert.equal((await catalog.openIntents()).length, 1);
  },
  "what is gone cannot be renewed": async ({ catalog, world }) => {
    const closed = await catalog.openIntent("closed", 1000);
    await catalog.closeIntent(closed);
    await refused("INTENT_FENCED", catalog.renewIntent(closed, 1000));
    const ended = await catalog.openIntent("ended", 1000);
    world.wall += 1000;
    await refused("INTENT_FENCED", catalog.renewIntent(ended, 1000));
  },
  "a lease of no time is refused": async ({ catalog }) => {
    for (const leaseMs of [0, -1, Number.NaN]) await refused("ARGUMENT_INVALID", catalog.openIntent("op", leaseMs));
  },
  "an operation tried again fences its earlier try and takes over its pins": async (bench) => {
    const earlier = await bench.catalog.openIntent("op", hour);
    const object = await bench.store(earlier, [chunk("a")]);
    const reserved = (await bench.reserve(earlier)).id;
    const later = await bench.catalog.openIntent("op", hour);
    assert.notEqual(later, earlier);
    await refused("INTENT_FENCED", bench.catalog.renewIntent(earlier, hour));
    await refused("INTENT_FENCED", bench.catalog.publish(earlier, reserved, [], []));
    await bench.catalog.closeIntent(earlier);
    assert.equal((await bench.catalog.condemn()).objects, 0);
    assert.equal(await bench.state(object), "present");
    await bench.catalog.closeIntent(later);
    assert.equal((await bench.catalog.condemn()).objects, 2);
  },
  "an operation tried again after its lease finds what is left": async (bench) => {
    const object = await bench.store(await bench.catalog.openIntent("op", 1000));
    bench.world.wall += 5000;
    await bench.catalog.openIntent("op", 1000);
    await bench.catalog.condemn();
    assert.equal(await bench.state(object), "present");
  },
  "I5: a pinned object is not condemned": async (bench) => {
    const [theirs, mine] = [await bench.intent(), await bench.intent()];
    const object = await bench.store(theirs);
    assert.deepEqual(await bench.catalog.pinObjects(mine, [object, object]), []);
    await bench.catalog.closeIntent(theirs);
    assert.equal((await bench.catalog.condemn()).objects, 0);
    await bench.catalog.closeIntent(mine);
    assert.equal((await bench.catalog.condemn()).objects, 1);
  },
  "G2: a pin on a condemned object makes it present": async (bench) => {
    const object = await bench.condemned();
    assert.deepEqual(await bench.catalog.pinObjects(await bench.intent(), [object]), []);
    assert.equal(await bench.state(object), "present");
    await bench.catalog.condemn();
    assert.deepEqual(await bench.claimed(), []);
  },
  "what is in deletion, gone or only reserved cannot be pinned": async (bench) => {
    const deleting = await bench.condemned();
    await bench.claimed();
    const intent = await bench.intent();
    const reserved = (await bench.reserve(await bench.intent())).id;
    const present = await bench.store(await bench.intent());
    const gone = 999 as ObjectId;
    assert.deepEqual(await bench.catalog.pinObjects(intent, [gone, deleting, present, reserved]), [gone, deleting, reserved]);
    assert.equal(await bench.state(deleting), "deleting");
  },
  "what was reserved, never published and condemned cannot be pinned": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    await bench.catalog.closeIntent(intent);
    assert.equal((await bench.catalog.condemn()).objects, 1);
    assert.deepEqual(await bench.catalog.pinObjects(await bench.intent(), [id]), [id]);
    assert.equal(await bench.state(id), "condemned");
  },
  "a fenced intent pins nothing": async (bench) => {
    const object = await bench.condemned();
    const intent = await bench.intent(1000);
    await bench.addVersion(1);
    bench.world.wall += 1000;
    await refused("INTENT_FENCED", bench.catalog.pinObjects(intent, [object]));
    await refused("INTENT_FENCED", bench.catalog.pinVersion(intent, model, versionId(1)));
    assert.equal(await bench.state(object), "condemned");
  },
  "G4: a pinned version is kept with its parents and all that they need": async (bench) => {
    const intent = await bench.intent();
    const object = await bench.store(intent);
    await bench.catalog.closeIntent(intent);
    await bench.addVersion(1, [object]);
    await bench.addVersion(2, [], { parent: 1 });
    const load = await bench.intent();
    await bench.catalog.pinVersion(load, model, versionId(2));
    await bench.catalog.pinVersion(load, model, versionId(2));
    assert.equal((await bench.catalog.condemn()).objects, 0);
    assert.equal((await bench.catalog.history(model, versionId(2), 9)).length, 2);
    await bench.catalog.closeIntent(load);
    assert.equal((await bench.catalog.condemn()).objects, 3);
    assert.equal(await bench.catalog.version(model, versionId(1)), undefined);
  },
  "a version that is not there cannot be pinned": async (bench) => {
    await refused("REF_MISSING", bench.catalog.pinVersion(await bench.intent(), model, versionId(1)));
  },
  "C18: the catalog's time never goes back": async (bench) => {
    const before = await bench.catalog.now();
    assert.equal(before, bench.world.wall);
    await bench.intent(1000);
    bench.world.wall -= 7_200_000;
    assert.equal(await bench.catalog.now(), before);
    assert.equal(await (await bench.open()).now(), before);
    bench.world.wall = before + 1;
    assert.equal(await bench.catalog.now(), before + 1);
  },
};
