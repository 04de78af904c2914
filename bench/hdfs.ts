/**
 * A model into HDFS and back, three copies of it, beside `hdfs dfs -put/-get` and Hadoop's client in a warm Java machine: `npm run bench -- hdfs [options]`, on
 * an HDFS that is up (`npm run services -- up hdfs`). `--only push` or `--only load` does half of it.
 */
import { randomBytes } from "node:crypto";
import { offers } from "../scripts/services/offered.ts";
import { Costs } from "./costs.ts";
import { type EngineSpace, pullSide, pushSide, storedModel, targetOf } from "./engine-sides.ts";
import { runToEnd, type WaitingClient } from "./peers/client.ts";
import { fsShell, warmJava } from "./peers/hdfs-clients.ts";
import { clear, inPlace, type Place, settle, syncing } from "./place.ts";
import { compare } from "./results.ts";
import { type Side, synced } from "./rounds.ts";

const [shellName, javaName] = ["hdfs dfs", "warm Java"] as const;
const freshPath = (): string => `/holdfast/bench-${randomBytes(4).toString("hex")}`;

function spaceOf(url: string, java: WaitingClient): EngineSpace {
  return {
    fresh: () => Object.assign(new URL(url), { pathname: freshPath() }).href,
    empty: async (used) => void (await java.ask("remove", new URL(used).pathname)),
  };
}

function putSides(place: Place, java: WaitingClient): Side[] {
  const put = (name: string, run: (path: string, costs: Costs) => Promise<number>): Side => {
    const costs = new Costs(name, place.bytes);
    const path = freshPath();
    const after = async (): Promise<void> => void (await java.ask("remove", path));
    return { name, bytes: place.bytes, costs, before: () => settle(place, place.model), run: () => run(path, costs), after };
  };
  return [
    put(shellName, async (path, costs) => costs.add(await runToEnd(await fsShell("-put", place.model, path)))),
    put(javaName, async (path, costs) => costs.add(await java.ask("put", place.model, path))),
  ];
}

function getSides(place: Place, java: WaitingClient, path: string): Side[] {
  const get = (name: string, run: (costs: Costs) => Promise<number>): Side => {
    const costs = new Costs(name, place.bytes);
    return {
      name,
      bytes: place.bytes,
      costs,
      before: () => settle(place, place.folder),
      run: () => run(costs),
      after: () => clear(targetOf(place)),
      ...syncing(place),
    };
  };
  return [
    get(shellName, async (costs) => costs.add(await runToEnd(await fsShell("-get", path, targetOf(place))))),
    get(javaName, async (costs) => costs.add(await java.ask("get", path, targetOf(place)))),
  ];
}

const goalsOf = (verb: string) =>
  ["auto", "raw"].flatMap((encode) => [
    { ours: `${verb} ${encode}`, peer: shellName, goal: 1 },
    { ours: `${verb} ${encode}`, peer: javaName, goal: 0.8 },
    ...[shellName, javaName].map((peer) => ({ ours: `${verb} ${encode}`, peer: synced(peer), goal: undefined })),
  ]);

async function compareLoad(place: Place, space: EngineSpace, java: WaitingClient): Promise<void> {
  await using auto = await storedModel(place, "auto", space);
  await using raw = await storedModel(place, "raw", space);
  const path = freshPath();
  await java.ask("put", place.model, path);
  await compare("hdfs-load", place, [pullSide(place, auto), pullSide(place, raw), ...getSides(place, java, path)], goalsOf("pull"));
  await java.ask("remove", path);
}

await inPlace(async (place) => {
  const offer = offers().find(({ engine }) => engine === "hdfs");
  const url = offer?.environment[offer.variable];
  if (url === undefined) throw new Error("HDFS is not up: npm run services -- up hdfs");
  await using java = await warmJava();
  const space = spaceOf(url, java);
  const pushes = (["auto", "raw"] as const).map((encode) => pushSide(place, encode, space));
  if (place.wants("push")) await compare("hdfs-push", place, [...pushes, ...putSides(place, java)], goalsOf("push"));
  if (place.wants("load")) await compareLoad(place, space, java);
});
