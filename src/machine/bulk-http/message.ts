/** One exchange of bulk bytes over HTTP: what its caller asks for, and what comes back. */

export interface BulkRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as they are, one behind the other; content-length is set from them. */
  readonly body?: readonly Uint8Array[];
  /** Where the body of a 200 or 206 goes; other bodies, and those of requests without it, come as `text` (at most 64 KiB). */
  readonly into?: readonly Uint8Array[];
}

export interface BulkResponse {
  readonly status: number;
  /** By lower-case name; what a name says more than once is joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes laid into `into`. */
  readonly bodyBytes: number;
  readonly text: string;
}

export const textBytesMax = 64 * 1024;

/** For messages. The query is left out: it may carry a token. */
export function describe({ method, url }: Pick<BulkRequest, "method" | "url">): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Whether the body of an answer is the bytes that were asked for, and not words about why there are none. */
export function isPayload(status: number): boolean {
  return status === 200 || status === 206;
}

/** HTTP says of these that no body follows, whatever their head says (RFC 9110, 6.4.1). */
export function hasNoBody(method: string, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}
