/**
 * The request that makes an object be there. It is not one to send twice blindly: where it was done and its answer was lost, a second one is refused
 * for the sake of the first. So after an answer that did not come, or that says nothing, what is there is asked and never guessed.
 */
import { fault, isFault } from "../../../core/errors.ts";
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import { retryAfterMs } from "../retry-after.ts";
import { errorOf, failureOf, faultOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { look, type Sent } from "./landed.ts";

/**
 * Two writers at once, a server that fell over its own feet, a gateway that lost it; and an upload that does not exist any more, which
 * may be that it was completed.
 */
const unknownOutcomes: ReadonlySet<number> = new Set([404, 409, 500, 502, 504]);

/** Resolves when the object is there by the server's word. Throws OBJECT_EXISTS where another has the key, and what the answers mean. */
export async function publish(api: S3Api, sent: Sent, send: () => Promise<BulkResponse>, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const failure = await tryPublish(api, sent, send, signal);
    if (!failure) return api.budget.earn();
    // Refused for the sake of an attempt before, of which nothing could be found out then.
    if (attempt > 0 && isFault(failure, "OBJECT_EXISTS") && !(await lookFor(api, sent, failure, signal))) return;
    if (!isFault(failure, "VOLUME_UNREACHABLE") || !(await api.budget.pause(attempt, retryAfterMs(failure), signal))) throw failure;
  }
}

/** Why the object is not there; undefined when it is. */
async function tryPublish(api: S3Api, sent: Sent, send: () => Promise<BulkResponse>, signal: AbortSignal): Promise<Error | undefined> {
  let answer: BulkResponse;
  try {
    answer = await send();
  } catch (error) {
    if (!isFault(error, "VOLUME_UNREACHABLE")) throw error;
    return lookFor(api, sent, error, signal);
  }
  const failure = failureIn(answer, sent.what);
  return failure && (answer.status === 200 || unknownOutcomes.has(answer.status)) ? lookFor(api, sent, failure, signal) : failure;
}

/** S3 answers 200 to the end of an upload before it knows: then the body has the result, or the error. */
function failureIn(answer: BulkResponse, what: string): Error | undefined {
  if (answer.status !== 200) return failureOf(answer, what);
  const error = errorOf(answer);
  return error && faultOf(error, answer.status, what);
}

/** The object that lies there settles it. */
async function lookFor(api: S3Api, sent: Sent, failure: Error, signal: AbortSignal): Promise<Error | undefined> {
  const { found } = await look(api, sent, signal).catch((error: unknown) => {
    if (isFault(error, "CANCELLED")) throw error;
    return { found: "missing" as const };
  });
  if (found === "same") return undefined;
  return found === "other" ? fault("OBJECT_EXISTS", `${sent.what}: the key is taken`, { cause: failure }) : failure;
}
