/** `s3://bucket/prefix?endpoint=…&region=…&style=path|virtual&profile=…&part=16MiB&verify=checksum|read`: where a volume is, and how it is asked. */
import { fault } from "../../../core/errors.ts";
import { MiB, parseBytes } from "../../../core/units.ts";

export interface S3Place {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** Undefined: what the environment says, or Amazon's own for the region. */
  readonly endpoint: URL | undefined;
  readonly region: string | undefined;
  readonly style: "path" | "virtual" | undefined;
  /** The profile of the credential files. */
  readonly profile: string | undefined;
  /** An object of more than two parts goes up in parts. */
  readonly partBytes: number;
  /** Whether what was written is believed by the checksum that the server keeps of it, or only when it was read back. */
  readonly verify: "checksum" | "read";
}

const settings = new Set(["endpoint", "region", "style", "profile", "part", "verify"]);
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;
/** Only what every server keeps as it is, and no part of which is a way up. */
const prefixPath = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$/;
const prefixCharactersMax = 512;
/** A shard, of 80 MiB at most, goes whole. */
const partBytesDefault = 40 * MiB;
/** What S3 takes (Amazon S3 user guide, "Multipart upload limits"). */
const partBytesMin = 5 * MiB;
const partBytesMax = 1024 * MiB;

/** Throws CONFIG_INVALID for a URL that is not one of S3, or has a setting that does not exist. */
export function parseS3Url(text: string): S3Place {
  const refuse = (problem: string, cause?: unknown): never => {
    const advice = "Write s3://BUCKET/PREFIX?endpoint=…&region=…&style=path|virtual; docs/configuration.md has the settings.";
    throw fault("CONFIG_INVALID", `not an S3 volume: ${problem}`, { advice, ...(cause !== undefined && { cause }) });
  };
  const url = URL.canParse(text) ? new URL(text) : refuse("it is no URL");
  const { hostname: bucket, searchParams: query } = url;
  const prefix = url.pathname.replace(/^\/+|\/+$/g, "");
  if (url.username !== "" || url.password !== "") refuse("credentials do not belong into its URL: give them by the environment or a profile");
  if (url.port !== "" || url.hash !== "" || !bucketName.test(bucket)) refuse(`${JSON.stringify(bucket)} is not the name of a bucket`);
  if (prefix.length > prefixCharactersMax || !prefixPath.test(prefix)) refuse(`the prefix ${JSON.stringify(prefix)} has characters that are not taken`);
  for (const [name, value] of query)
    if (!settings.has(name) || query.getAll(name).length > 1 || value === "") refuse(`the setting ${JSON.stringify(name)} is not known, empty or said twice`);
  const style = query.get("style") ?? undefined;
  if (style !== undefined && style !== "path" && style !== "virtual") refuse("style is path or virtual");
  const verify = query.get("verify") ?? "checksum";
  if (verify !== "checksum" && verify !== "read") return refuse("verify is checksum or read");
  return {
    bucket,
    prefix,
    endpoint: endpointOf(query.get("endpoint"), refuse),
    region: query.get("region") ?? undefined,
    style: style as S3Place["style"],
    profile: query.get("profile") ?? undefined,
    partBytes: partBytesOf(query.get("part"), refuse),
    verify,
  };
}

type Refuse = (problem: string, cause?: unknown) => never;

function endpointOf(text: string | null, refuse: Refuse): URL | undefined {
  if (text === null) return undefined;
  const url = URL.canParse(text) ? new URL(text) : refuse("the endpoint is no URL");
  const isPlain =
    (url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.search === "" && url.hash === "" && url.pathname === "/";
  return isPlain ? url : refuse("the endpoint is http:// or https:// with a host and a port, and nothing else");
}

function partBytesOf(text: string | null, refuse: Refuse): number {
  if (text === null) return partBytesDefault;
  try {
    const bytes = parseBytes(text);
    if (bytes >= partBytesMin && bytes <= partBytesMax) return bytes;
  } catch (error) {
    refuse(`part is a size, not ${JSON.stringify(text)}`, error);
  }
  return refuse("a part has 5MiB to 1GiB");
}
