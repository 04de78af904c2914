/** A volume in an S3 bucket. Bytes go between the caller's memory and the socket; this says what is asked and what the answers mean. */
import { fault, throwIfCancelled } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import { type ByteRange, lengthOf } from "../../../core/range.ts";
import { GiB } from "../../../core/units.ts";
import type { BulkClient } from "../../../machine/bulk-http/index.ts";
import type { Checksums } from "../../../machine/checksums.ts";
import { identityKey } from "../keys.ts";
import { requireFit, scatterBytes, sliceScatter } from "../scatter.ts";
import type { Evidence, ObjectKey, ObjectStat, Replayable, Scatter, Volume, VolumeTraits } from "../volume.ts";
import type { S3Api } from "./api.ts";
import { checksumText, compositeText } from "./checksum.ts";
import { Comparing } from "./comparing.ts";
import { Conditions, onlyNew } from "./conditions.ts";
import { getRange } from "./get.ts";
import { bytesIn, headOf, type Sent } from "./landed.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { listObjects } from "./list.ts";
import { inParallel } from "./parallel.ts";
import { Presence } from "./presence.ts";
import { type Part, partBytesFor, putParts } from "./put-parts.ts";
import { putWhole } from "./put-whole.ts";
import { Remover } from "./remove.ts";
import { sweepUploads } from "./sweep.ts";

/** HEAD requests at once for a `stat` of many. */
const statsAtOnce = 8;

/** No upload of ours lives so long: a writer that still works on an older one is given up. */
const uploadAgeMsMax = 24 * 3600_000;

export interface S3VolumeOptions {
  readonly name: VolumeName;
  readonly failureDomain: string;
  readonly prefix: string;
  readonly partBytes: number;
  readonly api: S3Api;
  /** Closed with the volume. */
  readonly client: BulkClient;
  readonly checksums: Checksums;
  /** Whether the checksum that the server keeps is enough to believe that an object is whole. */
  readonly trustsChecksums: boolean;
}

export class S3Volume implements Volume {
  readonly name: VolumeName;
  readonly traits: VolumeTraits;
  readonly #api: S3Api;
  readonly #client: BulkClient;
  readonly #checksums: Checksums;
  readonly #partBytes: number;
  readonly #layout: Layout;
  readonly #presence: Presence;
  readonly #conditions: Conditions;
  readonly #comparing: Comparing | undefined;
  readonly #remover: Remover;
  #swept: Promise<void> | undefined;

  constructor({ name, failureDomain, prefix, partBytes, api, client, checksums, trustsChecksums }: S3VolumeOptions) {
    this.name = name;
    this.traits = { failureDomain, copies: 1, objectBytesMax: 5 * 1024 * GiB };
    this.#api = api;
    this.#client = client;
    this.#checksums = checksums;
    this.#partBytes = partBytes;
    this.#layout = layoutOf(prefix);
    this.#presence = new Presence(api, this.#layout.nameOf(identityKey), name);
    this.#conditions = new Conditions(api, this.#layout.probe);
    this.#comparing = trustsChecksums ? new Comparing(api, this.#layout.probe) : undefined;
    this.#remover = new Remover(api);
  }

  async put(key: ObjectKey, body: Replayable, signal: AbortSignal): Promise<Evidence> {
    throwIfCancelled(signal);
    const [name, bytes, what] = [this.#layout.nameOf(key), scatterBytes(body), `put ${key} on volume ${this.name}`];
    if (bytes > this.traits.objectBytesMax) throw fault("LIMIT_EXCEEDED", `${key} of ${bytes} bytes is larger than volume ${this.name} takes`);
    await this.#admit(key, signal);
    const guard = await this.#guard(name, bytes, what, signal);
    const evidence = await this.#send({ key: name, bytes, what }, body, guard, signal);
    return evidence === "checksum" && (await this.#comparing?.does(signal)) ? "checksum" : "none";
  }

  async #send(sent: Omit<Sent, "checksum">, body: Replayable, guard: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Evidence> {
    if (sent.bytes <= 2 * this.#partBytes) {
      const checksum = checksumText(await this.#checksums.crc32c(body));
      return putWhole(this.#api, { ...sent, checksum }, body, guard, signal);
    }
    const parts = await this.#partsOf(body, sent.bytes, signal);
    return putParts(this.#api, { ...sent, checksum: compositeText(parts.map(({ crc32c }) => crc32c)) }, parts, guard, signal);
  }

  async get(key: ObjectKey, range: ByteRange, into: Scatter, signal: AbortSignal): Promise<number> {
    throwIfCancelled(signal);
    requireFit(range, into);
    const [name, what] = [this.#layout.nameOf(key), `get ${key} from volume ${this.name}`];
    const found = lengthOf(range) > 0 ? await getRange(this.#api, name, range, into, what, signal) : (await headOf(this.#api, name, what, signal)) && 0;
    if (found !== undefined) return found;
    if (key !== identityKey) await this.#presence.require(signal);
    throw fault("OBJECT_MISSING", `volume ${this.name} has no ${key}`);
  }

  async *stat(keys: readonly ObjectKey[], signal: AbortSignal): AsyncGenerator<ObjectStat> {
    throwIfCancelled(signal);
    const what = `stat on volume ${this.name}`;
    for (let start = 0; start < keys.length; start += statsAtOnce) {
      const found: ObjectStat[] = [];
      const some = keys.slice(start, start + statsAtOnce);
      await inParallel(some, statsAtOnce, signal, async (key, joined) => {
        const head = await headOf(this.#api, this.#layout.nameOf(key), what, joined);
        if (head) found.push({ key, bytes: bytesIn(head, what) });
      });
      if (found.length < some.length) await this.#presence.require(signal);
      yield* found;
    }
  }

  /** Looks for the identity before and after: an empty bucket must not look like a volume without objects. */
  async *list(after: ObjectKey | undefined, signal: AbortSignal): AsyncGenerator<ObjectStat> {
    throwIfCancelled(signal);
    await this.#presence.require(signal);
    await this.#sweep(signal);
    const { start, keyOf, nameOf } = this.#layout;
    const options = { prefix: start, after: after && nameOf(after), what: `list of volume ${this.name}` };
    for await (const { key: name, bytes } of listObjects(this.#api, options, signal)) {
      const key = keyOf(name);
      if (key) yield { key, bytes };
    }
    await this.#presence.require(signal);
  }

  async remove(keys: readonly ObjectKey[], signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    if (keys.includes(identityKey)) this.#presence.forget();
    else await this.#presence.requireRecent(signal);
    await this.#remover.remove(keys.map(this.#layout.nameOf), `remove on volume ${this.name}`, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }

  /** The identity may come where there is none yet. */
  async #admit(key: ObjectKey, signal: AbortSignal): Promise<void> {
    if (key === identityKey) return this.#presence.forget();
    await this.#presence.requireRecent(signal);
    await this.#sweep(signal);
  }

  /** The headers under which nothing is overwritten. A look comes first where there are none, and where a long upload would be for nothing. */
  async #guard(name: string, bytes: number, what: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const honoured = await this.#conditions.honoured(signal);
    if ((!honoured || bytes > 2 * this.#partBytes) && (await headOf(this.#api, name, what, signal))) throw fault("OBJECT_EXISTS", `${what}: the key is taken`);
    return honoured ? onlyNew : {};
  }

  async #partsOf(body: Replayable, bytes: number, signal: AbortSignal): Promise<Part[]> {
    const partBytes = partBytesFor(bytes, this.#partBytes);
    const bodies = Array.from({ length: Math.ceil(bytes / partBytes) }, (_, index) => sliceScatter(body, index * partBytes, (index + 1) * partBytes));
    const sums = await Promise.all(bodies.map((part) => this.#checksums.crc32c(part)));
    throwIfCancelled(signal);
    return bodies.map((part, index) => ({ body: part, crc32c: sums[index] as number }));
  }

  /** Once for each opening, before the first work that may take its time. That it fails is nobody's failure. */
  #sweep(signal: AbortSignal): Promise<void> {
    this.#swept ??= sweepUploads(this.#api, this.#layout.start, uploadAgeMsMax, signal).then(
      () => undefined,
      () => undefined,
    );
    return this.#swept;
  }
}
