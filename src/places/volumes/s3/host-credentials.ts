/**
 * Keys that the host gives to what runs on it: the endpoint of a container ("Container credential provider"), or of a machine
 * ("Instance metadata service", version 2, which asks for a token first). Nobody at the address means that there are none.
 */
import { readFile } from "node:fs/promises";
import { fault, isFault, throwIfCancelled } from "../../../core/errors.ts";
import type { BulkClient } from "../../../machine/bulk-http/index.ts";
import type { EnvironmentVariables } from "../volume-driver.ts";
import type { CredentialSources, Credentials } from "./credentials.ts";

const containerHost = "http://169.254.170.2";
const machineHost = "http://169.254.169.254";
/** Tokens for plain HTTP stay on the host ("Container credential provider", security). */
const localHosts = new Set(["127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]);
const machineMs = 1500;
const machineTokenSeconds = "21600";

export async function hostCredentials({ env, client }: CredentialSources, signal: AbortSignal): Promise<Credentials | undefined> {
  const address =
    env.AWS_CONTAINER_CREDENTIALS_FULL_URI || (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI && `${containerHost}${env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI}`);
  if (address) return ofContainer(address, env, client, signal);
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") return undefined;
  return ofMachine(env.AWS_EC2_METADATA_SERVICE_ENDPOINT || machineHost, client, signal);
}

async function ofContainer(address: string, env: EnvironmentVariables, client: BulkClient, signal: AbortSignal): Promise<Credentials> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || (url.protocol !== "https:" && !localHosts.has(url.hostname)))
    throw fault("ACCESS_DENIED", `the address of the container's credentials is not one: ${JSON.stringify(address)}`);
  const token = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
    ? (await readFile(env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, "utf8")).trim()
    : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const { status, text } = await client.request({ method: "GET", url, headers: token ? { authorization: token } : {} }, signal);
  if (status !== 200) throw fault("ACCESS_DENIED", `the container's endpoint of credentials answers ${status}`);
  return parseKeys(text);
}

async function ofMachine(endpoint: string, client: BulkClient, signal: AbortSignal): Promise<Credentials | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(machineMs)]);
  const ask = async (method: string, path: string, headers: Record<string, string>): Promise<string | undefined> => {
    const { status, text } = await client.request({ method, url: new URL(path, endpoint), headers }, within);
    return status === 200 ? text : undefined;
  };
  try {
    const token = await ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": machineTokenSeconds });
    if (token === undefined) return undefined;
    const headers = { "x-aws-ec2-metadata-token": token };
    const roles = "/latest/meta-data/iam/security-credentials/";
    const role = (await ask("GET", roles, headers))?.split("\n")[0]?.trim();
    const keys = role && (await ask("GET", `${roles}${encodeURIComponent(role)}`, headers));
    return keys ? parseKeys(keys) : undefined;
  } catch (error) {
    throwIfCancelled(signal);
    if (isFault(error, "VOLUME_UNREACHABLE", "CANCELLED")) return undefined;
    throw error;
  }
}

/** The same words from both. */
function parseKeys(text: string): Credentials {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = objectOf(text);
  const expiresAtMs = typeof Expiration === "string" ? Date.parse(Expiration) : Number.NaN;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") throw fault("ACCESS_DENIED", "the host's answer holds no keys");
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: typeof Token === "string" ? Token : undefined,
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
  };
}

/** The text is not told in an error: it may hold a key. */
function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without the text.
  }
  throw fault("ACCESS_DENIED", "the host's answer about credentials is not JSON");
}
