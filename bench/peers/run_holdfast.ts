/** A store on a volume in an engine, opened before the clock starts: `run_holdfast.ts STORE URL`. Each line is `push FOLDER ENCODE` or `pull FOLDER`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { open, type Store } from "../../src/index.ts";

const [folder = "", url = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "holdfast.yaml"), `volumes:\n  - { name: engine, url: ${JSON.stringify(url)} }\n`);

const verbs: Readonly<Record<string, (store: Store, words: readonly string[]) => Promise<unknown>>> = {
  push: (store, [from = "", encode]) => store.push(from, "bench/model", { encode: encode === "raw" ? "raw" : "auto", replicas: 1 }),
  pull: (store, [to = ""]) => store.pull("bench/model", to),
};

await using store = await open({ store: folder, env: process.env });
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [verb = "", ...words] = line.split("\t");
  await verbs[verb]?.(store, words);
  console.log("done");
}
