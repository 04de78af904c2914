/** versitygw, the S3 server with other habits: objects are plain files of a folder, and a body without a checksum is taken at its word. */
import { join } from "node:path";
import { s3Engine } from "./s3.ts";

export const versity = s3Engine({
  name: "versity",
  says: "versitygw, an S3 server",
  source: { program: "versitygw", module: "github.com/versity/versitygw/cmd/versitygw", version: "v1.8.0" },
  folders: ["data", "metadata"],
  command: (file, address, folder, { keyId, secret, region }) => ({
    file,
    // Metadata lies in files of its own: not every file system has extended attributes for it.
    args: ["--port", address, "--quiet", "--keep-alive", "posix", "--sidecar", join(folder, "metadata"), join(folder, "data")],
    environment: { ROOT_ACCESS_KEY: keyId, ROOT_SECRET_KEY: secret, VGW_REGION: region },
  }),
});
