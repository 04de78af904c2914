/** MinIO, the S3 server whose habits come closest to AWS. A separate process that is built for tests and never shipped: its licence is the AGPL. */
import { join } from "node:path";
import { s3Engine } from "./s3.ts";

export const minio = s3Engine({
  name: "minio",
  says: "MinIO, an S3 server",
  source: { program: "minio", module: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" },
  folders: ["data"],
  command: (file, address, folder, { keyId, secret, region }) => ({
    file,
    args: ["server", "--quiet", "--address", address, "--config-dir", join(folder, "config"), join(folder, "data")],
    environment: { MINIO_ROOT_USER: keyId, MINIO_ROOT_PASSWORD: secret, MINIO_REGION: region, MINIO_BROWSER: "off", MINIO_UPDATE: "off" },
  }),
});
