/** What the two S3 servers have in common: a Go program, one bucket, one key that is good for both. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Command, type Engine, type EngineOptions, EngineTrouble, oneOf, plainNode } from "./engine.ts";
import { type GoProgram, goProgram } from "./go-program.ts";
import { until } from "./patience.ts";
import { folderOf } from "./places.ts";
import { loopback, portOf } from "./ports.ts";
import { type S3Access, s3Request } from "./s3-request.ts";
import { secretOf } from "./secret.ts";
import { variables } from "./variables.ts";

const bucket = "holdfast";
const region = "us-east-1";

export interface S3Server {
  readonly name: "minio" | "versity";
  readonly says: string;
  readonly source: GoProgram;
  /** Folders below its own that must be there before it starts. */
  readonly folders: readonly string[];
  /** How to run it; `folder` is its own. */
  command(program: string, address: string, folder: string, access: S3Access): Command;
}

/** A client reads one key from its environment, so both servers get the same. */
function accessTo(server: S3Server, options: EngineOptions): S3Access {
  return { endpoint: `http://${loopback}:${portOf(options, server.name)}`, region, keyId: "holdfast", secret: secretOf("s3") };
}

async function makeBucket(access: S3Access, signal: AbortSignal): Promise<void> {
  const isMade = async (): Promise<boolean> => {
    const { status, text } = await s3Request(access, "PUT", `/${bucket}`);
    if (status === 403) throw new EngineTrouble(`the server refuses its own key: ${text.slice(0, 200)}`);
    return status === 200 || status === 409;
  };
  await until(isMade, { what: `bucket ${bucket} is there`, waitMsMax: 60_000, signal });
  const { status, text } = await s3Request(access, "GET", `/${bucket}?list-type=2&max-keys=1`);
  if (status !== 200) throw new EngineTrouble(`the bucket cannot be listed: ${status} ${text.slice(0, 200)}`);
}

export function s3Engine(server: S3Server): Engine {
  const { name, says, source } = server;
  return {
    name,
    says,
    variable: variables[name],
    async prepare(options, say) {
      const program = await goProgram(source, say);
      const access = accessTo(server, options);
      const port = portOf(options, name);
      const folder = join(folderOf(name), "server");
      const command = server.command(program, `${loopback}:${port}`, folder, access);
      const before = async (): Promise<void> => {
        for (const inner of server.folders) await mkdir(join(folder, inner), { recursive: true });
      };
      return {
        version: source.version,
        address: `s3://${bucket}?endpoint=${encodeURIComponent(access.endpoint)}&region=${region}&style=path`,
        environment: { AWS_ACCESS_KEY_ID: access.keyId, AWS_SECRET_ACCESS_KEY: access.secret },
        nodes: [{ ...plainNode, name: "server", ports: [port], command, folder, before }],
        settle: (signal) => makeBucket(access, signal),
        nodeNamed: oneOf(["server"]),
        client: () => Promise.resolve(undefined),
      };
    },
  };
}
