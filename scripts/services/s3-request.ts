/** The few signed requests that a server is asked before a store uses it. The store's own driver is not used here: its tests must not wait for it. */
import { createHash, createHmac } from "node:crypto";

export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Sends a request with this body; the path must need no escaping. Signature version 4 of AWS. */
export async function s3Request(access: S3Access, method: string, path: string, body = ""): Promise<{ status: number; text: string }> {
  const url = new URL(path, access.endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = { host: url.host, "x-amz-content-sha256": sha256(body), "x-amz-date": time };
  const authorization = authorize(access, method, url, headers, time);
  const sent: RequestInit = { method, headers: { ...headers, authorization }, signal: AbortSignal.timeout(10_000) };
  const response = await fetch(url, body === "" ? sent : { ...sent, body });
  return { status: response.status, text: await response.text() };
}

function authorize({ region, keyId, secret }: S3Access, method: string, url: URL, headers: Readonly<Record<string, string>>, time: string): string {
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = [method, url.pathname, url.search.slice(1), lines, names.join(";"), headers["x-amz-content-sha256"]].join("\n");
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [region, "s3", "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, day));
  const signature = hmac(key, toSign).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${keyId}/${scope},SignedHeaders=${names.join(";")},Signature=${signature}`;
}
