/** Keys, and what there is to find them in. */
import type { World } from "../../../core/world/index.ts";
import type { BulkClient } from "../../../machine/bulk-http/index.ts";
import type { EnvironmentVariables } from "../volume-driver.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Milliseconds since 1970; undefined for keys that do not end. */
  readonly expiresAtMs?: number | undefined;
}

export interface CredentialSources {
  readonly env: EnvironmentVariables;
  readonly profile: string | undefined;
  readonly client: BulkClient;
  readonly world: World;
}
