import assert from "node:assert/strict";
import type { Roles } from "../../src/places/catalog/index.ts";
import { type Cases, chunk, domain, hour, main, model, packed, ref, refused, versionId, versionRow, volume } from "./bench.ts";

export const transactionCases: Cases = {
  "all of a transaction is there when it has ended": async (bench) => {
    const sum = await bench.catalog.transaction(async (tx) => {
      await bench.addVersion(1, [], {}, tx);
      await bench.move(1, undefined, { opId: "op" }, tx);
      await tx.recordOutcome("op", model, versionId(1));
      return 42;
    });
    assert.equal(sum, 42);
    assert.equal(await bench.catalog.ref(model, main), versionId(1));
    assert.deepEqual(await bench.catalog.outcome("op"), { model, version: versionId(1) });
  },
  "a transaction that throws leaves nothing, and its error comes out as it is": async (bench) => {
    const mine = new Error("mine");
    const failing = bench.catalog.transaction(async (tx) => {
      await bench.addVersion(1, [], {}, tx);
      await bench.move(1, undefined, {}, tx);
      throw mine;
    });
    await assert.rejects(failing, (error) => error === mine);
    assert.deepEqual(await bench.catalog.models(), []);
    assert.equal((await bench.catalog.garbage()).stored.objects, 0);
    await bench.addVersion(1);
    assert.equal((await bench.move(1)).sequence, 1);
  },
  "a refused call inside undoes the whole, when it is not caught": async (bench) => {
    await bench.addVersion(1);
    await refused("REF_CONFLICT", bench.catalog.transaction(async (tx) => {
      await bench.move(1, undefined, { ref: "a" }, tx);
      await bench.move(1, 2, { ref: "b" }, tx);
    })); // biome-ignore format: one block
    assert.deepEqual(await bench.catalog.refs(model), []);
  },
  "a refused call that is caught inside has changed nothing by itself": async (bench) => {
    const intent = await bench.intent();
    const { id } = await bench.reserve(intent);
    await bench.catalog.transaction(async (tx) => {
      await refused("VOLUME_MISSING", tx.publish(intent, id, [volume("v1"), volume("v9")], [chunk("a")]));
      await tx.recordOutcome("op", model, versionId(1));
    });
    assert.equal(await bench.state(id), "reserved");
    assert.equal((await bench.catalog.replicas([id])).length, 2);
    assert.ok(await bench.catalog.outcome("op"));
  },
  "inside, one sees what one has done": async (bench) => {
    await bench.catalog.transaction(async (tx) => {
      await bench.addVersion(1, [], {}, tx);
      await bench.move(1, undefined, {}, tx);
      assert.equal(await tx.ref(model, main), versionId(1));
      const intent = await bench.intent(hour, tx);
      const object = await bench.store(intent, [chunk("a")], {}, tx);
      assert.equal((await tx.places(domain, packed("a")))[0]?.object, object);
    });
  },
  "outside, nobody sees it before the end": async (bench) => {
    await bench.addVersion(1);
    const second = await bench.open();
    await bench.catalog.transaction(async (tx) => {
      await bench.move(1, undefined, {}, tx);
      for (const catalog of [bench.catalog, second]) assert.equal(await catalog.ref(model, main), undefined);
      assert.deepEqual(await bench.catalog.refLog(model), []);
    });
    for (const catalog of [bench.catalog, second]) assert.equal(await catalog.ref(model, main), versionId(1));
  },
  "a write from outside waits, and is not undone with the transaction": async (bench) => {
    await bench.addVersion(1);
    const order: string[] = [];
    let outside: Promise<unknown> | undefined;
    const failing = bench.catalog.transaction(async (tx) => {
      await bench.move(1, undefined, { ref: "inside" }, tx);
      outside = bench.move(1, undefined, { ref: "outside" }).then(() => order.push("outside"));
      await bench.world.sleep(30, new AbortController().signal);
      order.push("inside");
      throw new Error("undone");
    });
    await assert.rejects(failing, /undone/);
    await outside;
    assert.deepEqual(order, ["inside", "outside"]);
    assert.deepEqual((await bench.catalog.refs(model)).map((row) => row.ref), ["outside"]); // biome-ignore format: one line
  },
  "transactions of two catalogs take turns": async (bench) => {
    const second = await bench.open();
    await bench.addVersion(0);
    await bench.move(0);
    const step = (roles: typeof second) =>
      roles.transaction(async (tx) => {
        const { length } = await tx.refLog(model);
        await bench.world.sleep(1, new AbortController().signal);
        await bench.move(0, undefined, { ref: `r${length}` }, tx);
      });
    await Promise.all(Array.from({ length: 10 }, (_, n) => step(n % 2 ? second : bench.catalog)));
    assert.equal((await bench.catalog.refLog(model)).length, 11);
  },
  "the time is the same in all of a transaction": async (bench) => {
    await bench.catalog.transaction(async (tx) => {
      const intent = await bench.intent(hour, tx);
      const manifest = await bench.store(intent, [], {}, tx);
      const before = await tx.now();
      bench.world.wall += 500;
      await tx.addVersion(versionRow(1, manifest), []);
      assert.equal((await bench.move(1, undefined, {}, tx)).at, before);
      assert.equal((await tx.version(model, versionId(1)))?.createdAt, before);
    });
  },
  "what was handed in is of no use after the end": async (bench) => {
    let kept: Roles | undefined;
    await bench.catalog.transaction(async (tx) => {
      kept = tx;
    });
    await refused("CATALOG_UNREACHABLE", (kept as Roles).models());
    await refused("CATALOG_UNREACHABLE", (kept as Roles).recordOutcome("op", model, versionId(1)));
    assert.equal(await bench.catalog.outcome("op"), undefined);
  },
  "a commit is refused as a whole when the push was fenced": async (bench) => {
    const intent = await bench.intent(1000);
    const object = await bench.store(intent);
    bench.world.wall += 1000;
    await refused("INTENT_FENCED", bench.catalog.transaction(async (tx) => {
      await bench.addVersion(1, [object], {}, tx);
      await bench.move(1, undefined, {}, tx);
      await tx.renewIntent(intent, 1000);
    })); // biome-ignore format: one block
    assert.equal(await bench.catalog.ref(model, main), undefined);
  },
  "a closed catalog answers nothing": async (bench) => {
    const second = await bench.open();
    await second[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    await refused("CATALOG_UNREACHABLE", second.models());
    await refused("CATALOG_UNREACHABLE", second.openIntent("op", 1000));
    await refused(
      "CATALOG_UNREACHABLE",
      second.transaction(async () => undefined),
    );
  },
  "all that is stored is there when the catalog is opened again": async (bench) => {
    await bench.addVersion(1);
    await bench.move(1, undefined, { ref: "kept" });
    await bench.catalog[Symbol.asyncDispose]();
    const again = await bench.open();
    assert.equal(again.clusterId, bench.catalog.clusterId);
    assert.match(again.clusterId, /^[0-9a-f]{32}$/);
    assert.equal(await again.ref(model, ref("kept")), versionId(1));
  },
};
