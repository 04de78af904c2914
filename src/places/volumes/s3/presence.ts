/**
 * Whether the bucket is still there and is the volume's: its identity is the one first seen. In a bucket that was deleted and made anew every object
 * would look missing; so nothing is called missing before this was asked, and nothing is written when it was not asked lately.
 */
import { fault } from "../../../core/errors.ts";
import { identityKey } from "../keys.ts";
import { failureOf, saysMissing } from "./answer.ts";
import type { S3Api } from "./api.ts";

const identityBytesMax = 4096;
const recentMs = 30_000;

export class Presence {
  readonly #api: S3Api;
  readonly #key: string;
  readonly #name: string;
  #seen: Buffer | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  /** `key`: of the identity, in the bucket. */
  constructor(api: S3Api, key: string, name: string) {
    this.#api = api;
    this.#key = key;
    this.#name = name;
  }

  /** Throws VOLUME_IDENTITY_MISSING, or VOLUME_FOREIGN when another volume lies there now. */
  async require(signal: AbortSignal): Promise<void> {
    const now = await this.#read(signal);
    this.#seen ??= now;
    if (!now.equals(this.#seen))
      throw fault("VOLUME_FOREIGN", `another volume lies in the bucket than when ${this.#name} was opened`, {
        advice: "Check the URL of the volume, then start again.",
      });
    this.#askedAt = this.#api.world.ticks();
  }

  async requireRecent(signal: AbortSignal): Promise<void> {
    if (this.#api.world.ticks() - this.#askedAt > recentMs) await this.require(signal);
  }

  /** What was seen no longer counts: the identity is being rewritten. */
  forget(): void {
    this.#seen = undefined;
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  async #read(signal: AbortSignal): Promise<Buffer> {
    const bytes = Buffer.alloc(identityBytesMax);
    const answer = await this.#api.send({ method: "GET", key: this.#key, into: [bytes] }, signal);
    if (answer.status === 200) return bytes.subarray(0, answer.bodyBytes);
    const what = `${identityKey} of volume ${this.#name}`;
    if (!saysMissing(answer)) throw failureOf(answer, what);
    throw fault("VOLUME_IDENTITY_MISSING", `volume ${this.#name} is not in its bucket: there is no ${identityKey}`, {
      advice: "Check the URL of the volume. If it is lost for good, drain and remove it from the store.",
    });
  }
}
