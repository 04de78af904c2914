/** A model in a bucket, through a proxy that answers 5 % of requests with 503 and cuts 1 % in the middle; other clients of S3 in the same conditions beside it. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatBytes } from "../../src/core/units.ts";
import { type FaultingProxy, faultingProxy } from "../s3/faulting-proxy.ts";
import { type Peer, peers, runPeer } from "../s3/peers.ts";
import { emptyPlace, endpointOf, freshUrl, servers } from "../s3/servers.ts";
import { Holdfast, patience } from "./command.ts";
import { makeModel } from "./make/model.ts";
import { type Place, show } from "./place.ts";
import { assertSame, type Digests, digestsOf } from "./trees.ts";

const rates = { refused: 0.05, cut: 0.01 };
const seed = 20_261_124;

export const s3Faults = show({
  says: "a model in a bucket: 5 % of requests answered 503 and 1 % cut in the middle, uploads too: push and load come through on each S3 server",
  full: { modelBytes: 2e9, peers: 1 },
  small: { modelBytes: 160e6, peers: 0 },
  async run(place, { modelBytes, peers: withPeers }) {
    const folder = join(place.folder, "model");
    const { digests } = await makeModel(folder, { bytes: modelBytes, parts: 4, seed: 1 });
    const up = Object.entries(servers).flatMap(([name, want]) => (want().skip ? [] : [{ name, url: want().url }]));
    assert.ok(up.length > 0, "this needs an S3 server: npm run services -- up minio versity");
    for (const { name, url } of up) {
      await ours({ place, name, url, folder, digests, modelBytes });
      if (withPeers > 0) for (const peer of peers) await beside(peer, { place, name, url, folder, digests, modelBytes });
    }
  },
});

interface Case {
  readonly place: Place;
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly digests: Digests;
  readonly modelBytes: number;
}

async function ours({ place, name, url, folder, digests, modelBytes }: Case): Promise<void> {
  await using proxy = await faultingProxy(endpointOf(url), rates, seed);
  const at = freshUrl(url, { endpoint: proxy.origin, part: "5MiB" });
  const holdfast = new Holdfast(place.folder, `store-${name}`);
  const target = join(place.folder, `loaded-${name}`);
  const wait = patience(modelBytes * 20);
  try {
    await holdfast.ok(["volumes", "add", at, "--name", "cloud"]);
    const pushed = await holdfast.push(folder, "acme/model", [], wait);
    const pulled = await holdfast.pull("acme/model", target, [], wait);
    assertSame(await digestsOf(target), digests, "what was loaded is what was pushed");
    assert.ok(proxy.counts.refused > 0, "no fault was drawn: this shows nothing");
    const memory = formatBytes(Math.max(pushed.peakBytes ?? 0, pulled.peakBytes ?? 0));
    place.say(`${name}: holdfast: push ${pushed.seconds.toFixed(1)} s, load ${pulled.seconds.toFixed(1)} s, at most ${memory} of memory; ${told(proxy)}`);
  } finally {
    await emptyPlace(freshEndpoint(at, url));
  }
}

/** Not held to anything: what it makes of the same conditions is shown. */
async function beside(peer: Peer, { place, name, url, folder, digests }: Case): Promise<void> {
  await using proxy = await faultingProxy(endpointOf(url), rates, seed);
  const { hostname: bucket, pathname, searchParams } = new URL(freshUrl(url));
  const [bucketPath, region] = [`${bucket}${pathname}`, searchParams.get("region") ?? "us-east-1"];
  const target = join(place.folder, `loaded-${name}-${peer.name}`);
  await mkdir(target);
  const up = await runPeer(peer, peer.upload(folder, bucketPath), proxy.origin, region);
  if (up.exitCode === undefined) return place.say(`${name}: ${peer.name} is not installed`);
  const down = await runPeer(peer, peer.download(bucketPath, target), proxy.origin, region);
  const same = isDeepStrictEqual(await digestsOf(target), digests);
  const word = (code: number | null | undefined): string => (code === 0 ? "" : ` (ended with ${code})`);
  place.say(
    `${name}: ${peer.name}: upload ${up.seconds.toFixed(1)} s${word(up.exitCode)}, download ${down.seconds.toFixed(1)} s${word(down.exitCode)}, ${same ? "the same bytes" : "NOT the same bytes"}; ${told(proxy)}`,
  );
  const left = new URL(url);
  left.pathname = pathname;
  await emptyPlace(left.href);
}

function told({ counts }: FaultingProxy): string {
  const { requests, refused, cutUploads, cutDownloads, lostAnswers } = counts;
  return `of ${requests} requests ${refused} refused, ${cutUploads} uploads and ${cutDownloads} downloads cut, ${lostAnswers} answers lost`;
}

/** The place behind the proxy, at the server itself. */
function freshEndpoint(at: string, url: string): string {
  const direct = new URL(at);
  direct.searchParams.set("endpoint", endpointOf(url).origin);
  return direct.href;
}
