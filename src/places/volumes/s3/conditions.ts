/**
 * Whether the server honours `If-None-Match: *`, found out once for each opening with an object of its own: written under the condition it must
 * be refused where it is. Where it is not honoured, a look before the write takes its place: two writers of one key
 * could both win then, but keys are made of digests and of generations that the catalog gives out once.
 */
import { fault } from "../../../core/errors.ts";
import { failureOf } from "./answer.ts";
import type { S3Api } from "./api.ts";
import { checksumHeader, checksumText } from "./checksum.ts";

/** Under the prefix of the volume, beside its objects. */
export const probeName = "probe";

export const onlyNew = { "if-none-match": "*" } as const;
/** The servers that do not know the header say so in these ways; all others did not answer the question. */
const unknownHeader = new Set([400, 405, 501]);

export class Conditions {
  readonly #api: S3Api;
  readonly #key: string;
  #honoured: boolean | undefined;

  constructor(api: S3Api, key: string) {
    this.#api = api;
    this.#key = key;
  }

  /** Throws what the server's answer means where it is neither yes nor no. */
  async honoured(signal: AbortSignal): Promise<boolean> {
    this.#honoured ??= await this.#probe(signal);
    return this.#honoured;
  }

  async #probe(signal: AbortSignal): Promise<boolean> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await this.#api.send(
        { method: "PUT", key: this.#key, headers: { ...onlyNew, [checksumHeader]: checksumText(0) }, body: { bulk: [] } },
        signal,
      );
      if (answer.status === 412) return true;
      if (answer.status === 409) throw fault("VOLUME_UNREACHABLE", `put ${this.#key}: somebody else is writing it just now`);
      if (unknownHeader.has(answer.status)) return false;
      if (answer.status !== 200) throw failureOf(answer, `put ${this.#key}`);
    }
    return false;
  }
}
