/** A process that works on a catalog until it is killed: `child.ts URL NAME COUNT`. Says "ready" when it is about to begin, and "pushed" after each push. */
import { realWorld } from "../../src/core/world/index.ts";
import { openCatalog, type Roles } from "../../src/places/catalog/index.ts";
import { chunk, digest, domain, hour, model, ref, versionId, versionRow, volume } from "./bench.ts";

const [, , url = "", name = "", count = "0"] = process.argv;
await using catalog = await openCatalog(url, realWorld, { create: false });
process.stdout.write("ready\n");
for (let n = 0; n < Number(count); n++) {
  await catalog.transaction((tx) => push(tx, `${name} ${n}`));
  process.stdout.write("pushed\n");
}
process.stdout.write("done\n");

/** One push in one transaction: ten chunks, a manifest, a version, a ref, an outcome. */
async function push(tx: Roles, what: string): Promise<void> {
  const intent = await tx.openIntent(what, hour);
  const store = async (kind: "shard" | "manifest", chunks: number) => {
    const { id } = await tx.reserve(intent, { kind, domain, digest: digest(`${kind} ${what}`), bytes: 10, replicasWanted: 1, volumes: [volume("v1")] });
    const named = Array.from({ length: chunks }, (_, k) => chunk(`${what} ${k}`));
    await tx.publish(intent, id, [volume("v1")], named);
    return id;
  };
  const shard = await store("shard", 10);
  await tx.addVersion(versionRow(what, await store("manifest", 0)), [shard]);
  await tx.move({ model, ref: ref(what.replace(" ", "-")), expected: undefined, to: versionId(what), opId: what });
  await tx.recordOutcome(what, model, versionId(what));
  await tx.closeIntent(intent);
}
