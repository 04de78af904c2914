/**
 * Whether the server compares a checksum with the bytes that it came with, found out once for each opening: an upload with a wrong one must be refused. A
 * server that only keeps what a header says would answer with the right checksum of bytes that it never looked at.
 */
import { isFault } from "../../../core/errors.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader, checksumText } from "./checksum.ts";

const probeBody = Buffer.from("probe");

export class Comparing {
  readonly #api: S3Api;
  readonly #key: string;
  #does: boolean | undefined;

  /** `key`: of the probe, whose bytes nobody reads. */
  constructor(api: S3Api, key: string) {
    this.#api = api;
    this.#key = key;
  }

  /** While it cannot be found out it does not. Throws CANCELLED. */
  async does(signal: AbortSignal): Promise<boolean> {
    this.#does ??= await this.#probe(signal);
    return this.#does ?? false;
  }

  async #probe(signal: AbortSignal): Promise<boolean | undefined> {
    const headers = { [checksumHeader]: checksumText(0) };
    try {
      const { status } = await this.#api.send({ method: "PUT", key: this.#key, headers, body: { bulk: [probeBody] } }, signal);
      if (status === 400) return true;
      return status === 200 ? false : undefined;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      return undefined; // the object is there all the same, and can be read
    }
  }
}
