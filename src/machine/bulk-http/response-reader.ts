/**
 * One answer from its first byte to its last, as a machine without I/O: it says where the next bytes are to be received and is told
 * how many came. Heads and the lines between chunks go to a small scratch; a body goes to its place as soon as its place is known.
 */
import { type BodyFraming, openFraming } from "./body-framing.ts";
import { type Destination, Landing, Text } from "./destination.ts";
import { type BulkRequest, type BulkResponse, hasNoBody, isPayload } from "./message.ts";
import { malformed, parseResponseHead, type ResponseHead } from "./response-head.ts";

/** The largest head. Also what is received at most before it is known where it belongs. */
export const scratchBytes = 32 * 1024;
const interimMax = 16;
const headEnd = Buffer.from("\r\n\r\n");

interface Body {
  readonly head: ResponseHead;
  readonly framing: BodyFraming;
  readonly destination: Destination;
}

export class ResponseReader {
  /** A `100 Continue` came. */
  continued = false;
  /** Bytes of the answer that came, head and all. */
  receivedBytes = 0;
  readonly #request: Pick<BulkRequest, "method" | "into">;
  readonly #scratch: Buffer;
  /** Bytes of a head that lie in the scratch. */
  #filled = 0;
  #interim = 0;
  #body: Body | undefined;
  #answer: BulkResponse | undefined;
  #surplus = false;
  #direct = false;

  constructor(request: Pick<BulkRequest, "method" | "into">, scratch: Buffer) {
    this.#request = request;
    this.#scratch = scratch;
  }

  /** The whole answer, once it is there. */
  get answer(): BulkResponse | undefined {
    return this.#answer;
  }

  /** The status, once the head is there. */
  get status(): number | undefined {
    return this.#body?.head.status;
  }

  /** Body bytes that came so far. */
  get bodyBytes(): number {
    return this.#body?.destination.bytes ?? 0;
  }

  /** Whether the connection may be used again: the answer ended where it said it would, and nothing came behind it. */
  get reusable(): boolean {
    return this.#answer !== undefined && !this.#surplus && this.#body?.head.keepAlive === true && this.#body.framing.done;
  }

  /** Memory for the next bytes of the connection; never empty. */
  room(): Uint8Array {
    const direct = this.#answer ? undefined : this.#directRoom();
    this.#direct = direct !== undefined;
    return direct ?? (this.#body ? this.#scratch : this.#scratch.subarray(this.#filled));
  }

  #directRoom(): Uint8Array | undefined {
    const ahead = this.#body?.framing.ahead ?? 0;
    return ahead > 0 ? this.#body?.destination.room(ahead) : undefined;
  }

  /** So many bytes came into the last `room`. Throws VOLUME_UNREACHABLE for an answer that is not well formed. */
  received(bytes: number): void {
    this.receivedBytes += bytes;
    if (this.#answer) this.#surplus = true;
    else if (this.#direct && this.#body) this.#receivedInPlace(this.#body, bytes);
    else if (this.#body) this.#takeBody(this.#body, this.#scratch.subarray(0, bytes));
    else this.#takeHead(bytes);
  }

  /** The other side sends no more. Returns whether that ended the answer as it must. */
  ended(): boolean {
    if (!this.#answer && this.#body?.framing.close()) this.#finish(this.#body);
    return this.#answer !== undefined;
  }

  #receivedInPlace(body: Body, bytes: number): void {
    body.framing.passed(bytes);
    body.destination.advance(bytes);
    if (body.framing.done) this.#finish(body);
  }

  #takeHead(bytes: number): void {
    const searchedFrom = Math.max(0, this.#filled - headEnd.length + 1);
    this.#filled += bytes;
    let end = this.#scratch.subarray(0, this.#filled).indexOf(headEnd, searchedFrom);
    while (end !== -1) {
      const head = parseResponseHead(this.#scratch.subarray(0, end));
      const rest = this.#scratch.subarray(end + headEnd.length, this.#filled);
      if (head.status >= 200) return this.#startBody(head, rest);
      this.#passInterim(head);
      this.#filled = rest.length;
      this.#scratch.copyWithin(0, rest.byteOffset - this.#scratch.byteOffset, rest.byteOffset - this.#scratch.byteOffset + rest.length);
      end = this.#scratch.subarray(0, this.#filled).indexOf(headEnd);
    }
    if (this.#filled === this.#scratch.length) throw malformed(`the head of the answer is longer than ${scratchBytes} bytes`);
  }

  /** Asked for or not: some servers send it always. */
  #passInterim({ status }: ResponseHead): void {
    if (status === 101) throw malformed("the answer changes to another protocol");
    if (++this.#interim > interimMax) throw malformed("the answer has too many heads");
    if (status === 100) this.continued = true;
  }

  #startBody(head: ResponseHead, rest: Buffer): void {
    const { method, into } = this.#request;
    const toPlace = into !== undefined && isPayload(head.status);
    const framing = hasNoBody(method, head.status) ? openFraming({ kind: "length", bytes: 0 }) : openFraming(head.framing);
    if (toPlace) requireFit(head, framing, into);
    const body = { head, framing, destination: toPlace ? new Landing(into) : new Text() };
    this.#body = body;
    if (framing.done) this.#finish(body);
    if (rest.length > 0) this.#takeBody(body, rest);
  }

  #takeBody(body: Body, raw: Buffer): void {
    const taken = this.#answer ? 0 : body.framing.take(raw, (part) => body.destination.put(part));
    this.#surplus ||= taken < raw.length;
    if (this.#answer) return;
    if (body.framing.done || isCutText(body)) this.#finish(body);
  }

  #finish({ head, destination }: Body): void {
    const text = destination instanceof Text ? destination.toString() : "";
    this.#answer = { status: head.status, headers: head.headers, bodyBytes: destination instanceof Landing ? destination.bytes : 0, text };
  }
}

/** What is longer than the memory for it, has no known end or is not the bytes themselves is refused before any of it is laid there. */
function requireFit({ headers, framing: { kind } }: ResponseHead, { ahead, done }: BodyFraming, into: readonly Uint8Array[]): void {
  const roomBytes = into.reduce((sum, view) => sum + view.byteLength, 0);
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") throw malformed(`the answer has the content-encoding ${encoding}, which was not asked for`);
  if (kind === "close" && !done) throw malformed("the answer has no length, so that its end could not be told from a broken connection");
  if (kind === "length" && ahead > roomBytes) throw malformed(`the answer has ${ahead} bytes and ${roomBytes} were asked for`);
}

/** Words about a failure may be cut; the rest is not waited for. Those of a success must be whole. */
function isCutText({ head, destination }: Body): boolean {
  if (!(destination instanceof Text) || !destination.overflowed) return false;
  if (head.status < 300) throw malformed("the text of the answer is longer than 64 KiB");
  return true;
}
