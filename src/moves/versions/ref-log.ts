/** Lines of the ref log that the catalog has and no volume has yet, onto the volumes. Whoever comes first writes them; writing one twice is harmless. */
import { blake3Digest } from "../../bytes/digests/index.ts";
import { domainOf } from "../../core/names.ts";
import type { IntentId, RefLogEntry } from "../../places/catalog/index.ts";
import type { Engine } from "../engine.ts";
import { choosePlaces, type VolumeFacts } from "../placement/index.ts";
import { type Durability, storeObject } from "../replicate/index.ts";
import { inSharedMemory } from "./manifests.ts";
import { encodeLogEntry } from "./reflog-codec.ts";

const linesAtOnce = 64;
const leaseMs = 10 * 60_000;

/** Returns when every line up to now is on the volumes. */
export async function writeRefLog(engine: Engine, volumes: readonly VolumeFacts[], durability: Durability, signal: AbortSignal): Promise<void> {
  const intent = await engine.catalog.openIntent(engine.world.id(), leaseMs);
  try {
    for (let lines = await engine.catalog.unwrittenLog(linesAtOnce); lines.length > 0; lines = await engine.catalog.unwrittenLog(linesAtOnce))
      for (const line of lines) await writeLine(engine, intent, line, volumes, durability, signal);
  } finally {
    await engine.catalog.closeIntent(intent);
  }
}

async function writeLine(
  engine: Engine,
  intent: IntentId,
  line: RefLogEntry,
  volumes: readonly VolumeFacts[],
  durability: Durability,
  signal: AbortSignal,
): Promise<void> {
  const body = inSharedMemory(encodeLogEntry(line));
  const digest = blake3Digest(body);
  const places = choosePlaces(digest, volumes, Number.POSITIVE_INFINITY);
  const object = { kind: "reflog", domain: domainOf(line.model), digest, body: [body], bytes: body.byteLength, places } as const;
  const room = new Uint8Array(new SharedArrayBuffer(body.byteLength));
  const { row, on } = await storeObject(engine, intent, object, durability, room, signal);
  await engine.catalog.transaction(async (tx) => {
    await tx.publish(intent, row.id, on, []);
    await tx.logWritten(line.sequence, row.id);
  });
}
