/**
 * One of the processes that have the model in use: `watcher.ts STORE MODEL TENSOR`. Tells its parent when it watches, when it sees the ref move,
 * and what the tensor is then.
 */
import { createHash } from "node:crypto";
import { open } from "../../src/index.ts";

export type Word = { readonly ready: true } | { readonly seenAt: number; readonly version: string; readonly tensor: string; readonly readAt: number };

const [folder = "", model = "", tensor = ""] = process.argv.slice(2);
await using store = await open({ store: folder, create: false, env: process.env });
const moves = store.watch(model);
const next = moves.next();
await store.getTensor(model, tensor);
tell({ ready: true });
const { value: move } = await next;
if (move?.version !== undefined) {
  const { bytes } = await store.getTensor(`${model}@${move.version}`, tensor);
  tell({ seenAt: move.seenAt, version: move.version, tensor: createHash("sha256").update(bytes).digest("hex"), readAt: Date.now() });
}
await moves.return(undefined);

function tell(word: Word): void {
  process.send?.(word);
}
