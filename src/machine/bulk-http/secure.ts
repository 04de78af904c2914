/** The same exchange over TLS, by undici: a TLS socket cannot receive at a place of ours, so bytes are copied once there. */
import { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import type { Agent, Dispatcher } from "undici";
import { fault, HoldfastError, throwIfCancelled } from "../../core/errors.ts";
import { type Destination, Landing, Text } from "./destination.ts";
import type { LaneOptions } from "./lanes.ts";
import { type BulkRequest, type BulkResponse, describe, isPayload } from "./message.ts";
import { bodyBytesOf, headersOf } from "./request-head.ts";
import { malformed } from "./response-head.ts";
import { scratchBytes } from "./response-reader.ts";

export interface SecureClient extends AsyncDisposable {
  request(request: BulkRequest, signal: AbortSignal): Promise<BulkResponse>;
}

export function secureClient(options: LaneOptions & { readonly ca?: string }): SecureClient {
  let agent: Promise<Agent> | undefined;
  return {
    async request(request, signal) {
      const exchange = new SecureExchange(request);
      try {
        return await exchange.run(await (agent ??= openAgent(options)), signal);
      } catch (error) {
        throw exchange.explain(error, signal);
      }
    },
    [Symbol.asyncDispose]: async () => (await agent)?.destroy(),
  };
}

async function openAgent({ connectionsMax, connectMs, idleMs, ca }: LaneOptions & { readonly ca?: string }): Promise<Agent> {
  const undici = await import("undici");
  return new undici.Agent({
    connections: connectionsMax,
    bodyTimeout: idleMs,
    headersTimeout: idleMs,
    maxHeaderSize: scratchBytes,
    connect: { timeout: connectMs, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) },
  });
}

class SecureExchange {
  readonly #request: BulkRequest;
  readonly #bodyBytes: number;
  #sentBytes = 0;
  #destination: Destination | undefined;

  constructor(request: BulkRequest) {
    this.#request = request;
    this.#bodyBytes = bodyBytesOf(request);
  }

  async run(agent: Agent, signal: AbortSignal): Promise<BulkResponse> {
    const { method, url } = this.#request;
    const { expect: _, ...headers } = headersOf(this.#request); // undici knows no `Expect`
    const body = this.#bodyBytes > 0 ? Readable.from(this.#views(), { objectMode: true }) : null;
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: method as Dispatcher.HttpMethod,
      headers,
      body,
      signal,
    });
    return this.#take(answer, signal);
  }

  async *#views(): AsyncGenerator<Uint8Array> {
    for (const view of this.#request.body ?? []) {
      yield view;
      this.#sentBytes += view.byteLength;
    }
  }

  async #take({ statusCode, headers, body }: Dispatcher.ResponseData, signal: AbortSignal): Promise<BulkResponse> {
    const { into } = this.#request;
    const named = mapOf(headers);
    const encoding = named.get("content-encoding") ?? "identity";
    const landing = into !== undefined && isPayload(statusCode) ? new Landing(into) : undefined;
    const text = new Text();
    this.#destination = landing ?? text;
    if (landing && encoding !== "identity") throw malformed(`the answer has the content-encoding ${encoding}, which was not asked for`);
    if (landing && !named.has("content-length") && !named.has("transfer-encoding")) throw malformed("the answer has no length");
    for await (const part of body) {
      throwIfCancelled(signal);
      this.#destination.put(part as Uint8Array);
      if (text.overflowed) break;
    }
    if (text.overflowed && statusCode < 300) throw malformed("the text of the answer is longer than 64 KiB");
    if (statusCode < 300 && this.#sentBytes < this.#bodyBytes) throw malformed(`the answer ${statusCode} came too early`);
    return { status: statusCode, headers: named, bodyBytes: landing?.bytes ?? 0, text: text.toString() };
  }

  explain(error: unknown, signal: AbortSignal): unknown {
    const what = describe(this.#request);
    if (signal.aborted) return fault("CANCELLED", `${what} was cancelled`, { cause: signal.reason });
    if (error instanceof HoldfastError && error.code !== "VOLUME_UNREACHABLE") return error;
    const { code, message } = error as NodeJS.ErrnoException;
    const problem = error instanceof HoldfastError ? message : `the exchange failed (${code ?? message})`;
    const progress = `${this.#sentBytes} of ${this.#bodyBytes} bytes were sent, and ${this.#destination?.bytes ?? 0} bytes of the answer's body came`;
    const advice = `Check that ${this.#request.url.host} runs, can be reached from here, and has a certificate that is trusted (NODE_EXTRA_CA_CERTS).`;
    return fault("VOLUME_UNREACHABLE", `${what}: ${problem} after ${progress}`, { cause: error, advice });
  }
}

function mapOf(headers: Dispatcher.ResponseData["headers"]): Map<string, string> {
  const named = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) named.set(name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value);
  return named;
}
