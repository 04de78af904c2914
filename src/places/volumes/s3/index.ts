/** A volume in an S3 bucket, or in a server that speaks S3: `s3://bucket/prefix?endpoint=…&region=…&style=path|virtual`. */
import { fault } from "../../../core/errors.ts";
import { BulkClient } from "../../../machine/bulk-http/index.ts";
import { directChecksums } from "../../../machine/checksums.ts";
import { identityKey } from "../keys.ts";
import type { EnvironmentVariables, VolumeDriver, VolumeEnvironment, VolumePlace } from "../volume-driver.ts";
import { type S3Address, S3Api } from "./api.ts";
import { CredentialChain } from "./credential-chain.ts";
import { S3Volume } from "./driver.ts";
import { layoutOf } from "./layout.ts";
import { listObjects } from "./list.ts";
import { parseS3Url, type S3Place } from "./place.ts";
import { profileRegion } from "./profile.ts";

export const driver: VolumeDriver = {
  /** What the server keeps beneath is its own affair: to us a bucket is one place. */
  copies: () => 1,
  space: async () => undefined,
  /** The bucket must be there: who may make one, and with which settings, is not for a volume to decide. */
  async prepare(place, environment) {
    const { prefix } = parseS3Url(place.url);
    await using bucket = await connect(place, environment);
    await refuseOccupied(bucket.api, prefix, place.name);
  },
  async open(place, environment) {
    const { prefix, partBytes, verify } = parseS3Url(place.url);
    const { api, client } = await connect(place, environment);
    const checksums = environment.checksums ?? directChecksums();
    return new S3Volume({
      name: place.name,
      failureDomain: place.failureDomain,
      prefix,
      partBytes,
      api,
      client,
      checksums,
      trustsChecksums: verify === "checksum",
    });
  },
};

interface Bucket extends AsyncDisposable {
  readonly api: S3Api;
  readonly client: BulkClient;
}

async function connect({ url }: VolumePlace, { world, env = {} }: VolumeEnvironment): Promise<Bucket> {
  const place = parseS3Url(url);
  const address = await addressOf(place, env);
  const client = new BulkClient(world);
  const credentials = new CredentialChain({ env, profile: place.profile, client, world });
  return { api: new S3Api(address, client, credentials, world), client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

/** What the URL says, then what the environment says, then what is usual. */
async function addressOf({ bucket, endpoint, region, style, profile }: S3Place, env: EnvironmentVariables): Promise<S3Address> {
  const chosen = region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || (await profileRegion(env, profile)) || "us-east-1");
  const named = endpoint ?? endpointOf(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL);
  const amazon = new URL(`https://s3.${encodeURIComponent(chosen)}.amazonaws.com`);
  // A certificate of Amazon's holds for one level of names: a bucket with dots in its name cannot be part of the host there.
  const usual = named === undefined && !bucket.includes(".") ? "virtual" : "path";
  return { bucket, region: chosen, endpoint: named ?? amazon, style: style ?? usual };
}

function endpointOf(text: string | undefined): URL | undefined {
  if (!text) return undefined;
  if (URL.canParse(text)) return new URL(text);
  throw fault("CONFIG_INVALID", "AWS_ENDPOINT_URL is not a URL");
}

/** A look at the first few names tells: a volume has an identity, and keys come in order. */
async function refuseOccupied(api: S3Api, prefix: string, name: string): Promise<void> {
  const { start, keyOf, probe } = layoutOf(prefix);
  const signal = AbortSignal.timeout(prepareMs);
  let strange: string | undefined;
  for await (const { key } of listObjects(api, { prefix: start, what: `the place of volume ${name}`, pageKeys: strangersMax }, signal)) {
    if (keyOf(key) === identityKey) return;
    if (key !== probe) strange ??= key;
    if (strange !== undefined && key > `${start}${identityKey}`) break;
  }
  if (strange === undefined) return;
  throw fault("VOLUME_FOREIGN", `there is something in the place of volume ${name} already (${JSON.stringify(strange)}), and it is not a volume`, {
    advice: "Give an empty bucket or prefix. If it is a volume that lost its identity, use `holdfast doctor --repair`.",
  });
}

const prepareMs = 60_000;
const strangersMax = 20;
