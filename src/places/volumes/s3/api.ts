/** Requests to one bucket: addressed, signed, sent. What an answer means is for the operations; only an answer about the signature itself is met here. */
import { createHash } from "node:crypto";
import { isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { BulkClient, BulkResponse } from "../../../machine/bulk-http/index.ts";
import { RetryBudget } from "../retry-budget.ts";
import type { Scatter } from "../volume.ts";
import { errorOf, retryAfterIn } from "./answer.ts";
import type { CredentialChain } from "./credential-chain.ts";
import { canonicalQuery, encodePath, signed, unsignedPayload } from "./sigv4.ts";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** In the bucket; the bucket itself without it. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A document is signed with its digest; of bulk bytes there is a checksum in the headers instead, which the server compares. */
  readonly body?: { readonly bulk: Scatter } | { readonly document: Uint8Array };
  readonly into?: Scatter;
}

export interface S3Address {
  readonly bucket: string;
  readonly endpoint: URL;
  readonly region: string;
  readonly style: "path" | "virtual";
}

const sha256OfNothing = createHash("sha256").digest("hex");
/** Servers refuse requests whose time is further off than a quarter of an hour. */
const skewMsMin = 4 * 60_000;
/** The server could not do it now. */
const passing: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const retriesMax = 50;
const expired = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"]);

export class S3Api {
  readonly address: S3Address;
  readonly world: World;
  /** For the retries of all requests to the bucket together. */
  readonly budget: RetryBudget;
  readonly #client: BulkClient;
  readonly #credentials: CredentialChain;
  /** What the server's clock is ahead of ours. */
  #skewMs = 0;

  constructor(address: S3Address, client: BulkClient, credentials: CredentialChain, world: World) {
    this.address = address;
    this.world = world;
    this.budget = new RetryBudget({ world, budgetMax: retriesMax });
    this.#client = client;
    this.#credentials = credentials;
  }

  /**
   * For what may be asked twice. Asks again what was not answered, or put off: an operation is several requests, and all of it anew for one of
   * them would be a multiple of the load. Resolves with any answer. Throws VOLUME_UNREACHABLE without one, ACCESS_DENIED without credentials, CANCELLED.
   */
  async send(request: S3Request, signal: AbortSignal): Promise<BulkResponse> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.sendOnce(request, signal).catch((error: unknown) => {
        if (isFault(error, "VOLUME_UNREACHABLE")) return error;
        throw error;
      });
      const settled = !(outcome instanceof Error) && !passing.has(outcome.status);
      if (settled) this.budget.earn();
      else if (await this.budget.pause(attempt, outcome instanceof Error ? 0 : retryAfterIn(outcome), signal)) continue;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
  }

  /** For writes whose outcome has to be looked at before they are asked for again. */
  async sendOnce(request: S3Request, signal: AbortSignal): Promise<BulkResponse> {
    const answer = await this.#exchange(request, signal);
    return this.#mend(answer) ? this.#exchange(request, signal) : answer;
  }

  async #exchange({ method, key, query = {}, headers = {}, body, into }: S3Request, signal: AbortSignal): Promise<BulkResponse> {
    const url = this.#urlOf(key, Object.entries(query));
    const payloadHash = !body ? sha256OfNothing : "bulk" in body ? unsignedPayload : createHash("sha256").update(body.document).digest("hex");
    const named = { ...headers, host: url.host, "x-amz-content-sha256": payloadHash };
    const scope = { region: this.address.region, service: "s3", atMs: this.world.now() + this.#skewMs };
    const signable = { method, path: url.pathname, query: Object.entries(query), headers: named, payloadHash };
    const { host: _, ...sent } = signed(signable, await this.#credentials.get(signal), scope);
    const views = body && ("bulk" in body ? body.bulk : [body.document]);
    return this.#client.request({ method, url, headers: sent, ...(views && { body: views }), ...(into && { into }) }, signal);
  }

  #urlOf(key: string | undefined, query: readonly [string, string][]): URL {
    const { bucket, endpoint, style } = this.address;
    const host = style === "virtual" ? `${bucket}.${endpoint.host}` : endpoint.host;
    const parts = [style === "path" ? bucket : undefined, key].filter((part) => part !== undefined);
    const search = canonicalQuery(query);
    return new URL(`${endpoint.protocol}//${host}${encodePath(`/${parts.join("/")}`)}${search && `?${search}`}`);
  }

  /** Whether the same request has better prospects now: our clock was wrong, or the keys had ended. An answer to HEAD says neither, but has a date. */
  #mend(answer: BulkResponse): boolean {
    if (answer.status !== 403 && answer.status !== 400) return false;
    const code = errorOf(answer)?.code;
    if (expired.has(code ?? "")) {
      this.#credentials.forget();
      return true;
    }
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    const skewMs = theirs - this.world.now();
    if (Number.isNaN(theirs) || Math.abs(skewMs - this.#skewMs) < skewMsMin || (code !== undefined && code !== "RequestTimeTooSkewed")) return false;
    this.#skewMs = skewMs;
    return true;
  }
}
