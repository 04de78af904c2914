/**
 * Who asks: keys from the variables of the environment, from the shared files of AWS, or from the endpoint of the container or machine that
 * this runs on, in this order ("Credential provider chain"). Keys that end are fetched anew before they do.
 */
import { fault } from "../../../core/errors.ts";
import type { EnvironmentVariables } from "../volume-driver.ts";
import type { CredentialSources, Credentials } from "./credentials.ts";
import { hostCredentials } from "./host-credentials.ts";
import { profileCredentials } from "./profile.ts";

/** Keys are fetched anew when they end sooner than this. */
const refreshMs = 5 * 60_000;

export class CredentialChain {
  readonly #sources: CredentialSources;
  #current: Promise<Credentials> | undefined;

  constructor(sources: CredentialSources) {
    this.#sources = sources;
  }

  /** Throws ACCESS_DENIED where there are none. */
  async get(signal: AbortSignal): Promise<Credentials> {
    const kept = await this.#current?.catch(() => undefined);
    if (kept && (kept.expiresAtMs ?? Number.POSITIVE_INFINITY) - refreshMs > this.#sources.world.now()) return kept;
    // The caller who fetches them does so for all who wait; one who is cancelled must not take the others along.
    this.#current = find(this.#sources, signal);
    return this.#current;
  }

  /** What was there did not do: look again. */
  forget(): void {
    this.#current = undefined;
  }
}

/** A profile that is named in the URL goes before all else. */
async function find(sources: CredentialSources, signal: AbortSignal): Promise<Credentials> {
  const { env, profile } = sources;
  const found =
    (profile === undefined ? fromVariables(env) : undefined) ?? (await profileCredentials(env, profile)) ?? (await hostCredentials(sources, signal));
  if (found) return found;
  throw fault("ACCESS_DENIED", profile === undefined ? "there are no credentials for S3" : `there are no credentials for S3 in the profile ${profile}`, {
    advice: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write a profile into ~/.aws/credentials and name it with AWS_PROFILE.",
  });
}

function fromVariables(env: EnvironmentVariables): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined } : undefined;
}
