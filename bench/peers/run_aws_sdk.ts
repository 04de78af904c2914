/** The AWS SDK for JavaScript with its own settings, all files of a folder side by side: `run_aws_sdk.ts MODULES ENDPOINT REGION`. Lines are `put FOLDER BUCKET PREFIX` or `get BUCKET PREFIX FOLDER`. */
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";

const [modules = "", endpoint, region] = process.argv.slice(2);
const load = createRequire(join(modules, "package.json"));
const { S3Client, GetObjectCommand, ListObjectsV2Command } = load("@aws-sdk/client-s3");
const { Upload } = load("@aws-sdk/lib-storage");
const client = new S3Client({ endpoint, region, forcePathStyle: true });

const verbs: Readonly<Record<string, (words: readonly string[]) => Promise<unknown>>> = {
  put: ([folder = "", Bucket, prefix]) =>
    Promise.all(
      readdirSync(folder).map((name) =>
        new Upload({ client, params: { Bucket, Key: `${prefix}/${name}`, Body: createReadStream(join(folder, name), { highWaterMark: 1 << 20 }) } }).done(),
      ),
    ),
  async get([Bucket, prefix, folder = ""]) {
    mkdirSync(folder, { recursive: true });
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/` }));
    const fetchOne = async ({ Key }: { readonly Key: string }): Promise<void> =>
      pipeline((await client.send(new GetObjectCommand({ Bucket, Key }))).Body, createWriteStream(join(folder, basename(Key))));
    await Promise.all(Contents.map(fetchOne));
  },
};

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [verb = "", ...words] = line.split("\t");
  await verbs[verb]?.(words);
  console.log("done");
}
