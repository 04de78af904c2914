/** Everything that a catalog can be asked, for tests of how a driver asks its database. */
import type { ObjectId } from "../../src/places/catalog/index.ts";
import { type Bench, chunk, deltaOf, digest, domain, hour, main, model, versionId, volume } from "./bench.ts";

/** Once through every call, so that each statement of a driver is seen. */
export async function useEveryRole(bench: Bench): Promise<void> {
  const { catalog } = bench;
  const intent = await bench.intent();
  const object = await bench.store(intent, [chunk("a"), deltaOf("b", "a")]);
  await catalog.pinObjects(intent, [object]);
  await bench.addVersion(1, [object]);
  await catalog.pinVersion(intent, model, versionId(1));
  await bench.move(1);
  await catalog.recordOutcome("op", model, versionId(1));
  await catalog.logWritten(1, object);
  for (const read of [catalog.models, catalog.volumes, catalog.garbage, catalog.totals, catalog.openIntents, catalog.now]) await read();
  for (const read of [catalog.refs, catalog.refLog]) await read(model);
  await catalog.ref(model, main);
  await catalog.unwrittenLog(1);
  await catalog.history(model, versionId(1), 5);
  await catalog.versionsLike(model, "a", 5);
  await catalog.needs(model, versionId(1));
  await bench.holders("a");
  await catalog.chunksOf(object);
  await catalog.objectsAfter(undefined, ["present"], 5);
  await catalog.replicas([object]);
  await catalog.setReplica(object, volume("v3"), "good");
  await catalog.setReplica(object, volume("v3"), undefined);
  await catalog.wantReplicas([object], 3);
  await catalog.needingRepair(undefined, 5);
  await catalog.objectsOn(volume("v1"), undefined, 5);
  await catalog.renewIntent(await catalog.openIntent("op 1", hour), hour);
  await bench.condemned(chunk("c"));
  await catalog.setReplica((await bench.claimed())[0] as ObjectId, volume("v1"), "bad");
  for (const row of await catalog.claim(0, 5)) await catalog.forget(row.id, row.generation);
  await catalog.restoreObject({ kind: "shard", domain, digest: digest("r"), generation: 9, bytes: 1, replicasWanted: 1 }, [], []);
  await catalog.restoreLogEntry({ sequence: 9, model, ref: main, from: undefined, to: undefined, at: 1, opId: "r" }, object);
  await catalog.changes(0, 5);
  await catalog.removeVolume(volume("v2"));
}
