/**
 * A model into a bucket and back beside s5cmd, rclone and the AWS SDK for JavaScript, which move the files as they are: `npm run bench -- s3 [options]`, on
 * servers that are up (`npm run services -- up minio versity`). `--only MinIO-push,versitygw-load,…` does some of it.
 */
import { randomBytes } from "node:crypto";
import { offers } from "../scripts/services/offered.ts";
import { emptyPlace, freshUrl } from "../test/s3/servers.ts";
import { Costs } from "./costs.ts";
import { type EngineSpace, pullSide, pushSide, storedModel, targetOf } from "./engine-sides.ts";
import { runToEnd, WaitingClient } from "./peers/client.ts";
import { findAwsSdk, findS3Programs, type S3Program, s3PeersAdvice } from "./peers/s3-clients.ts";
import { clear, inPlace, type Place, settle, syncing } from "./place.ts";
import { compare } from "./results.ts";
import { type Side, synced } from "./rounds.ts";

interface Server {
  readonly name: string;
  /** Of a volume in its bucket. */
  readonly url: string;
  readonly space: EngineSpace;
}

const sdkName = "AWS SDK";
const sdk = findAwsSdk();
const programs = findS3Programs();

function servers(): Server[] {
  const names = new Map<string, string>([
    ["minio", "MinIO"],
    ["versity", "versitygw"],
  ]);
  return offers().flatMap(({ engine, variable, environment }) => {
    const [name, url] = [names.get(engine), environment[variable]];
    if (name === undefined || url === undefined) return [];
    Object.assign(process.env, environment);
    return [{ name, url, space: { fresh: () => freshUrl(url), empty: emptyPlace } }];
  });
}

/** Where files lie as they are, in the bucket of a server. */
class PlainFiles {
  readonly bucket: string;
  readonly prefix = `plain-${randomBytes(4).toString("hex")}`;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.bucket = new URL(server.url).hostname;
  }

  get path(): string {
    return `${this.bucket}/${this.prefix}`;
  }

  empty(): Promise<void> {
    return emptyPlace(Object.assign(new URL(this.#server.url), { pathname: `/${this.prefix}` }).href);
  }
}

function uploadSide(place: Place, server: Server, { peer, program }: S3Program): Side {
  const costs = new Costs(peer.name, place.bytes);
  const files = new PlainFiles(server);
  return {
    name: peer.name,
    bytes: place.bytes,
    costs,
    before: () => settle(place, place.model),
    run: async () => costs.add(await runToEnd(program(peer.upload(place.model, files.path), server.url))),
    after: () => files.empty(),
  };
}

function downloadSide(place: Place, server: Server, { peer, program }: S3Program, files: PlainFiles): Side {
  const costs = new Costs(peer.name, place.bytes);
  return {
    name: peer.name,
    bytes: place.bytes,
    costs,
    before: () => settle(place, place.folder),
    ...syncing(place),
    run: async () => costs.add(await runToEnd(program(peer.download(files.path, targetOf(place)), server.url))),
    after: () => clear(targetOf(place)),
  };
}

/** The SDK is part of a program that runs already, as ours is. */
function sdkSides(place: Place, server: Server, words: (files: PlainFiles) => readonly string[], kept?: PlainFiles): Side[] {
  if (!sdk) return [];
  const costs = new Costs(sdkName, place.bytes);
  const files = kept ?? new PlainFiles(server);
  let client: WaitingClient | undefined;
  const side: Side = {
    name: sdkName,
    bytes: place.bytes,
    costs,
    before: async () => {
      await settle(place, place.model);
      client = await WaitingClient.start(sdk(server.url));
    },
    run: async () => costs.add(await (client as WaitingClient).ask(...words(files))),
    after: async () => {
      await client?.[Symbol.asyncDispose]();
      await (kept ? clear(targetOf(place)) : files.empty());
    },
    ...(kept && syncing(place)),
  };
  return [side];
}

/** rclone compares MD5s where it brought the files itself, unless it is told not to. Ours verifies always, s5cmd nothing. */
const unchecked = { option: "--ignore-checksum", of: "rclone" } as const;

const goalsOf = (verb: string) => [...programs.map(({ peer }) => peer.name), sdkName].flatMap((peer) => goalsBeside(verb, peer, 1));

const goalsBeside = (verb: string, peer: string, goal: number | undefined) => [
  { ours: `${verb} auto`, peer, goal },
  { ours: `${verb} raw`, peer, goal: undefined },
  { ours: `${verb} auto`, peer: synced(peer), goal: undefined },
  { ours: `${verb} raw`, peer: synced(peer), goal: undefined },
];

async function comparePush(place: Place, server: Server): Promise<void> {
  const ours = (["auto", "raw"] as const).map((encode) => pushSide(place, encode, server.space));
  const theirs = programs.map((program) => uploadSide(place, server, program));
  const sides = [...ours, ...theirs, ...sdkSides(place, server, ({ bucket, prefix }) => ["put", place.model, bucket, prefix])];
  await compare(`s3-${server.name}-push`, place, sides, goalsOf("push"));
}

async function compareLoad(place: Place, server: Server): Promise<void> {
  await using auto = await storedModel(place, "auto", server.space);
  await using raw = await storedModel(place, "raw", server.space);
  await using brought = new AsyncDisposableStack();
  const theirs: Side[] = [];
  for (const program of programs) {
    const files = brought.adopt(new PlainFiles(server), (each) => each.empty());
    await runToEnd(program.program(program.peer.upload(place.model, files.path), server.url));
    theirs.push(downloadSide(place, server, program, files));
    if (program.peer.name === unchecked.of) theirs.push(downloadSide(place, server, uncheckedOf(program), files));
    if (program === programs[0]) theirs.push(...sdkSides(place, server, ({ bucket, prefix }) => ["get", bucket, prefix, targetOf(place)], files));
  }
  if (programs.length === 0) console.error(`the SDK gets what s5cmd or rclone brought: ${s3PeersAdvice}`);
  const goals = [...goalsOf("pull"), ...goalsBeside("pull", nameUnchecked, undefined)];
  await compare(`s3-${server.name}-load`, place, [pullSide(place, auto), pullSide(place, raw), ...theirs], goals);
}

const nameUnchecked = `${unchecked.of} ${unchecked.option}`;

function uncheckedOf({ peer, program }: S3Program): S3Program {
  return { program, peer: { ...peer, name: nameUnchecked, download: (...words) => [...peer.download(...words), unchecked.option] } };
}

await inPlace(async (place) => {
  if (!sdk || programs.length < 2) console.error(`some of the peers are absent: ${s3PeersAdvice}`);
  const all = servers();
  if (all.length === 0) console.error("no S3 server is up: npm run services -- up minio versity");
  for (const server of all) {
    if (place.wants(`${server.name}-push`)) await comparePush(place, server);
    if (place.wants(`${server.name}-load`)) await compareLoad(place, server);
  }
});
