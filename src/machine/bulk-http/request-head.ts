/** The head of a request as bytes. What a caller may not set is set here; what would end a line early is refused. */
import { fault } from "../../core/errors.ts";
import { type BulkRequest, describe } from "./message.ts";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The framing of a request is what is sent, and never what a caller says of it. */
const setHere = new Set(["host", "content-length", "transfer-encoding", "connection", "accept-encoding"]);

export function bodyBytesOf({ body = [] }: BulkRequest): number {
  return body.reduce((sum, view) => sum + view.byteLength, 0);
}

/** The headers as they are sent. Throws ARGUMENT_INVALID for one that cannot be. */
export function headersOf(request: BulkRequest): Record<string, string> {
  const given = Object.entries(request.headers).map(([name, text]) => [name.toLowerCase(), text] as const);
  for (const [name, text] of given)
    if (!token.test(name) || !value.test(text) || setHere.has(name))
      throw fault("ARGUMENT_INVALID", `${describe(request)}: the header ${JSON.stringify(name)} cannot be sent`);
  const hasBody = request.body !== undefined || request.method === "PUT" || request.method === "POST";
  return { "accept-encoding": "identity", ...(hasBody && { "content-length": String(bodyBytesOf(request)) }), ...Object.fromEntries(given) };
}

export function requestHead(request: BulkRequest): Buffer {
  const { method, url } = request;
  if (!token.test(method)) throw fault("ARGUMENT_INVALID", `not a method: ${JSON.stringify(method)}`);
  const lines = Object.entries(headersOf(request)).map(([name, text]) => `${name}: ${text}\r\n`);
  return Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join("")}\r\n`, "latin1");
}

const idempotent = new Set(["GET", "HEAD", "PUT", "DELETE"]);
const preconditions = new Set(["if-match", "if-none-match"]);

/**
 * Whether sending it twice does what sending it once does. A write under a condition is not: where the first one did
 * its work, the second fails on it, and its caller would take its own object for another's.
 */
export function isRepeatable({ method, headers }: BulkRequest): boolean {
  if (!idempotent.has(method)) return false;
  return method === "GET" || method === "HEAD" || !Object.keys(headers).some((name) => preconditions.has(name.toLowerCase()));
}
