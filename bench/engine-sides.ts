/** Our sides of the benches on engines: a store whose only volume lies there, in a process of its own that has opened it before the clock starts. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Costs } from "./costs.ts";
import { type Program, WaitingClient } from "./peers/client.ts";
import { clear, type Place, settle } from "./place.ts";
import type { Side } from "./rounds.ts";

export interface EngineSpace {
  /** URL of a volume that nobody has used. */
  readonly fresh: () => string;
  readonly empty: (url: string) => Promise<void>;
}

export type Encoding = "raw" | "auto";

const script = fileURLToPath(new URL("./peers/run_holdfast.ts", import.meta.url));

/** As bin/holdfast starts the command. */
const heap = "--max-semi-space-size=4";

const ours = (store: string, url: string): Program => ({ file: process.execPath, args: [heap, ...process.execArgv, script, store, url] });

/** Each round has a new store in a new place: in an old one there would be nothing to push. */
export function pushSide(place: Place, encode: Encoding, space: EngineSpace): Side {
  const name = `push ${encode}`;
  const costs = new Costs(name, place.bytes);
  const store = join(place.folder, "store");
  let [client, url]: [WaitingClient | undefined, string] = [undefined, ""];
  return {
    name,
    bytes: place.bytes,
    costs,
    before: async () => {
      await settle(place, place.model);
      url = space.fresh();
      client = await WaitingClient.start(ours(store, url));
    },
    run: async () => costs.add(await (client as WaitingClient).ask("push", place.model, encode)),
    after: async () => {
      await client?.[Symbol.asyncDispose]();
      await space.empty(url);
      await clear(store);
    },
  };
}

export interface StoredModel extends AsyncDisposable {
  readonly encode: Encoding;
  readonly store: string;
  readonly url: string;
}

/** The model in a store of its own on the engine, to be pulled from. */
export async function storedModel(place: Place, encode: Encoding, space: EngineSpace): Promise<StoredModel> {
  const stored = { encode, store: join(place.folder, `store-${encode}`), url: space.fresh() };
  await using client = await WaitingClient.start(ours(stored.store, stored.url));
  await client.ask("push", place.model, encode);
  return {
    ...stored,
    async [Symbol.asyncDispose]() {
      await space.empty(stored.url);
      rmSync(stored.store, { recursive: true, force: true });
    },
  };
}

export function pullSide(place: Place, { encode, store, url }: StoredModel): Side {
  const name = `pull ${encode}`;
  const costs = new Costs(name, place.bytes);
  let client: WaitingClient | undefined;
  return {
    name,
    bytes: place.bytes,
    costs,
    before: async () => {
      await settle(place, place.folder);
      client = await WaitingClient.start(ours(store, url));
    },
    run: async () => costs.add(await (client as WaitingClient).ask("pull", targetOf(place))),
    after: async () => {
      await client?.[Symbol.asyncDispose]();
      await clear(targetOf(place));
    },
  };
}

export const targetOf = (place: Place): string => join(place.folder, "target");
