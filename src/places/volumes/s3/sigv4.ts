/**
 * AWS Signature Version 4 in headers ("Signing AWS API requests", AWS General Reference), with the one rule that S3 has for itself: a path is
 * encoded once and never normalised. Pure: the time and the keys are given.
 */
import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "./credentials.ts";

export const unsignedPayload = "UNSIGNED-PAYLOAD";

export interface Signable {
  readonly method: string;
  /** As it is sent: encoded by `encodePath`. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** All that are to be signed, `host` among them, by lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case hex of the SHA-256 of the body, or `unsignedPayload`. */
  readonly payloadHash: string;
}

export interface Scope {
  readonly region: string;
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** The headers with `x-amz-date`, the session token where there is one, and `authorization`. */
export function signed(request: Signable, credentials: Credentials, scope: Scope): Record<string, string> {
  const { sessionToken } = credentials;
  const headers = { ...request.headers, "x-amz-date": timestamp(scope.atMs), ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }) };
  const names = signedNames(headers);
  const signature = hmac(keyOf(credentials, scope), stringToSign(canonicalRequest({ ...request, headers }), scope)).toString("hex");
  const credential = `${credentials.accessKeyId}/${scopeOf(scope)}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` };
}

export function canonicalRequest({ method, path, query, headers, payloadHash }: Signable): string {
  const lines = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const)
    .sort(byName)
    .map(([name, value]) => `${name}:${value}\n`);
  return [method, path, canonicalQuery(query), lines.join(""), signedNames(headers), payloadHash].join("\n");
}

export function stringToSign(canonical: string, scope: Scope): string {
  return ["AWS4-HMAC-SHA256", timestamp(scope.atMs), scopeOf(scope), createHash("sha256").update(canonical).digest("hex")].join("\n");
}

/** In the order in which it is signed, so that what is sent is what was signed. */
export function canonicalQuery(query: Signable["query"]): string {
  return query
    .map(([name, value]) => [encodePart(name), encodePart(value)] as const)
    .sort((a, b) => byName(a, b) || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** `/` stays; everything but the unreserved characters of RFC 3986 is encoded. */
export function encodePath(path: string): string {
  return path.split("/").map(encodePart).join("/");
}

function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signedNames(headers: Signable["headers"]): string {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort()
    .join(";");
}

function keyOf({ secretAccessKey }: Credentials, { region, service, atMs }: Scope): Buffer {
  const day = hmac(`AWS4${secretAccessKey}`, timestamp(atMs).slice(0, 8));
  return hmac(hmac(hmac(day, region), service), "aws4_request");
}

function scopeOf({ region, service, atMs }: Scope): string {
  return `${timestamp(atMs).slice(0, 8)}/${region}/${service}/aws4_request`;
}

/** `20150830T123600Z` */
function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[:-]|\.\d{3}/g, "");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
