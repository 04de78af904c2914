/** Other people's clients of S3, where they are installed: the same files to the same server and back, in the same conditions. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Peer {
  readonly name: string;
  /** Copies a folder, either way; `bucketPath` is `bucket/prefix`. */
  readonly upload: (folder: string, bucketPath: string) => readonly string[];
  readonly download: (bucketPath: string, folder: string) => readonly string[];
}

export const peers: readonly Peer[] = [
  {
    name: "s5cmd",
    upload: (folder, bucketPath) => ["cp", `${folder}/`, `s3://${bucketPath}/`],
    download: (bucketPath, folder) => ["cp", `s3://${bucketPath}/*`, `${folder}/`],
  },
  {
    name: "rclone",
    upload: (folder, bucketPath) => ["copy", "--config", "", folder, `:s3:${bucketPath}`],
    download: (bucketPath, folder) => ["copy", "--config", "", `:s3:${bucketPath}`, folder],
  },
];

export interface PeerRun {
  /** Undefined where the program is not installed. */
  readonly exitCode: number | null | undefined;
  readonly seconds: number;
  readonly stderr: string;
}

/** What tells each of them where the server is: `http://host:port`. The keys are taken from the environment of this process. */
export function peerEnvironment(endpoint: string, region: string): Readonly<Record<string, string>> {
  const rclone = { RCLONE_S3_ENDPOINT: endpoint, RCLONE_S3_PROVIDER: "Minio", RCLONE_S3_ENV_AUTH: "true", RCLONE_S3_REGION: region };
  return { ...rclone, S3_ENDPOINT_URL: endpoint, AWS_REGION: region };
}

export async function runPeer({ name }: Peer, words: readonly string[], endpoint: string, region: string): Promise<PeerRun> {
  const startedMs = performance.now();
  const child = spawn(name, words, { env: { ...process.env, ...peerEnvironment(endpoint, region) }, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [exitCode] = (await once(child, "close").catch(() => [undefined])) as [number | null | undefined];
  return { exitCode, seconds: (performance.now() - startedMs) / 1000, stderr };
}
