/**
 * The NameNodes of one HDFS: one of them serves, and which one can change at any time. A question goes to the one that served last, then
 * to the others. While none serves, as in the seconds of a failover, a list of several is asked again until its time is up.
 */
import { fault, isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { BulkClient, BulkResponse } from "../../../machine/bulk-http/index.ts";
import type { Credentials } from "./credentials.ts";
import { isElsewhere, isUnauthenticated, type Refusal, refusalFault, refusalOf } from "./refusal.ts";

export interface Question {
  readonly method: "GET" | "PUT" | "DELETE";
  /** Of the URL, encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** For answers that may be longer than a few lines. */
  readonly answerBytesMax?: number;
  /** What it is about, for messages. */
  readonly what: string;
}

export interface Answer {
  /** Set when the answer is no; everything else is then empty. */
  readonly refusal: Refusal | undefined;
  readonly text: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** How long one question waits for a NameNode to serve: shorter than the deadline of an operation, so that it can be asked again. */
const questionMsMax = 20_000;
/** How long an outage is waited for: a failover by ZooKeeper takes 5 to 15 s, and longer where the old one has to be fenced. */
const outageMsMax = 60_000;
const pauseMs = 500;

export interface NameNodesOptions {
  readonly world: World;
  readonly client: BulkClient;
  /** `host:port` each, at least one. */
  readonly addresses: readonly string[];
  readonly credentials: Credentials;
}

export class NameNodes {
  readonly #options: NameNodesOptions;
  /** The one that served last. */
  #serving = 0;
  /** Ticks at which none served any more: an outage is waited for once, not by every operation in it. */
  #lostAt: number | undefined;

  constructor(options: NameNodesOptions) {
    this.#options = options;
  }

  /** Throws VOLUME_UNREACHABLE when none of them serves, and CANCELLED. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#askUntilServed(question, signal);
    if (!answer.refusal || !isUnauthenticated(answer.refusal) || !(await this.#options.credentials.renew())) return answer;
    return this.#askUntilServed(question, signal);
  }

  async #askUntilServed(question: Question, signal: AbortSignal): Promise<Answer> {
    const askedAt = this.#options.world.ticks();
    for (;;) {
      const outcome = await this.#askEach(question, signal);
      if (!(outcome instanceof Error)) {
        this.#lostAt = undefined;
        return outcome;
      }
      await this.#pauseOrThrow(outcome, askedAt, signal);
    }
  }

  /** Returns the last failure when all of them were asked and none serves. */
  async #askEach(question: Question, signal: AbortSignal): Promise<Answer | Error> {
    const { addresses } = this.#options;
    const first = this.#serving;
    let failure: Error | undefined;
    for (let step = 0; step < addresses.length; step++) {
      const index = (first + step) % addresses.length;
      const outcome = await this.#askOne(addresses[index] as string, question, signal);
      if (outcome instanceof Error) failure = outcome;
      else {
        this.#serving = index;
        return outcome;
      }
    }
    return failure as Error;
  }

  async #askOne(address: string, question: Question, signal: AbortSignal): Promise<Answer | Error> {
    const what = `${question.what}: NameNode ${address}`;
    try {
      const answer = await this.#send(address, question, signal);
      return answer.refusal && isElsewhere(answer.refusal) ? refusalFault(answer.refusal, what) : answer;
    } catch (error) {
      if (!isFault(error, "VOLUME_UNREACHABLE")) throw error;
      return fault("VOLUME_UNREACHABLE", `${what} does not answer`, {
        cause: error,
        advice: "Check that it runs and that its HTTP port is the one in the URL.",
      });
    }
  }

  async #send(address: string, { method, path, query, answerBytesMax }: Question, signal: AbortSignal): Promise<Answer> {
    const search = new URLSearchParams({ ...query, ...(await this.#options.credentials.query()) });
    const url = new URL(`http://${address}${path}?${search}`);
    const into = answerBytesMax === undefined ? undefined : Buffer.allocUnsafe(answerBytesMax);
    const response = await this.#options.client.request({ method, url, headers: {}, ...(into && { into: [into] }) }, signal);
    return answerOf(response, into);
  }

  async #pauseOrThrow(error: Error, askedAt: number, signal: AbortSignal): Promise<void> {
    const { world, addresses } = this.#options;
    const now = world.ticks();
    this.#lostAt ??= now;
    if (addresses.length === 1 || now - askedAt > questionMsMax || now - this.#lostAt > outageMsMax) throw error;
    await world.sleep(pauseMs, signal);
  }
}

/** A redirect counts as an answer: NameNodes before `noredirect` give nothing else. */
function answerOf({ status, headers, bodyBytes, text }: BulkResponse, into: Buffer | undefined): Answer {
  if (status >= 200 && status < 400) return { refusal: undefined, text: into && bodyBytes > 0 ? into.toString("utf8", 0, bodyBytes) : text, headers };
  return { refusal: refusalOf(status, text), text: "", headers };
}
