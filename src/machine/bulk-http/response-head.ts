/**
 * A strict reader of response heads (RFC 9112). What two readers could understand in two ways (bare line feeds, folded lines, two
 * lengths, a length beside chunks) is refused, since the end of one answer is the start of the next on the same connection.
 */
import { fault } from "../../core/errors.ts";

export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: Framing;
  /** Whether the connection may carry another exchange. */
  readonly keepAlive: boolean;
}

/** How the end of a body is found: by its length, by its chunks, or by the end of the connection. */
export type Framing = { readonly kind: "length"; readonly bytes: number } | { readonly kind: "chunked" } | { readonly kind: "close" };

const headersMax = 128;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/;
const onlyOnce = new Set(["content-length", "transfer-encoding", "content-range", "content-encoding", "location"]);

/** `bytes` are a head without the empty line at its end. Throws VOLUME_UNREACHABLE for anything but a well-formed head. */
export function parseResponseHead(bytes: Uint8Array): ResponseHead {
  const [first = "", ...lines] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1").split("\r\n");
  const status = statusLine.exec(first);
  if (!status) throw malformed("the first line of the answer is not one of HTTP/1.1");
  const headers = parseHeaders(lines);
  return { status: Number(status[2]), headers, framing: framingOf(headers), keepAlive: staysOpen(Number(status[1]), headers.get("connection")) };
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  if (lines.length > headersMax) throw malformed(`the answer has ${lines.length} headers`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = headerLine.exec(line);
    if (!match) throw malformed("a header of the answer is not well formed");
    const [name, value] = [(match[1] as string).toLowerCase(), match[2] as string];
    const before = headers.get(name);
    if (before !== undefined && onlyOnce.has(name)) throw malformed(`the answer has ${name} twice`);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function framingOf(headers: ReadonlyMap<string, string>): Framing {
  const [length, encoding] = [headers.get("content-length"), headers.get("transfer-encoding")];
  if (encoding !== undefined) {
    if (length !== undefined) throw malformed("the answer has a length and chunks");
    if (encoding.toLowerCase() !== "chunked") throw malformed("the answer has an unknown transfer-encoding");
    return { kind: "chunked" };
  }
  if (length === undefined) return { kind: "close" };
  if (!/^\d{1,15}$/.test(length)) throw malformed("the length of the answer is not a number");
  return { kind: "length", bytes: Number(length) };
}

function staysOpen(minor: number, connection = ""): boolean {
  const words = connection
    .toLowerCase()
    .split(",")
    .map((word) => word.trim());
  return !words.includes("close") && (minor === 1 || words.includes("keep-alive"));
}

export function malformed(problem: string): Error {
  return fault("VOLUME_UNREACHABLE", problem, { advice: "Check what stands at the address: it does not speak HTTP/1.1 as it must." });
}
