/** What the tests of the HDFS driver share: a folder of their own in a real HDFS, a claimed volume in it, and HDFS's own word on what lies there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { wantEngine } from "../../../../test/services/wanted.ts";
import { type ErrorCode, isFault } from "../../../core/errors.ts";
import { parseVolumeName } from "../../../core/names.ts";
import { directDisk } from "../../../machine/disk.ts";
import type { MakeFixture } from "../conformance.ts";
import { patient } from "../conformance-tools.ts";
import { claimIdentity, type VolumeIdentity } from "../identity.ts";
import type { Volume } from "../volume.ts";
import { driver } from "./index.ts";

export const never: AbortSignal = new AbortController().signal;
export const identity: VolumeIdentity = { clusterId: "c".repeat(32), volumeId: "1".repeat(32), name: "lake" };
export const environment = { disk: directDisk(), world: patient };

/** A place in a real HDFS. */
const { url: engine, skip } = wantEngine("HOLDFAST_TEST_HDFS");

/** A suite on a real HDFS. Where there is none it is skipped as a whole, before it is made. */
export function onHdfs(title: string, suite: () => void): void {
  if (skip === false) describe(title, suite);
  else test(title, { skip }, () => undefined);
}

/** A folder in HDFS that no other test has. */
export class Folder {
  readonly path: string;
  readonly nameNodes: readonly string[];
  readonly #query: URLSearchParams;

  constructor() {
    const [, hosts = "", path = "", query = ""] = /^hdfs:\/\/([^/]+)([^?]*)\??(.*)$/.exec(engine) ?? [];
    this.nameNodes = hosts.split(",");
    this.path = `${path.replace(/\/$/, "")}/test-${randomBytes(8).toString("hex")}`;
    this.#query = new URLSearchParams(query);
  }

  url(settings: Readonly<Record<string, string>> = {}, nameNodes: readonly string[] = this.nameNodes): string {
    const query = new URLSearchParams(this.#query);
    for (const [name, value] of Object.entries(settings)) query.set(name, value);
    return `hdfs://${nameNodes.join(",")}${this.path}?${query}`;
  }

  /** HDFS's own answer, past all that is tested; undefined for a refusal. */
  async ask(method: "GET" | "PUT" | "DELETE", op: string, path = "", settings: Readonly<Record<string, string>> = {}): Promise<Answered | undefined> {
    const query = new URLSearchParams({ op, "user.name": this.#query.get("user") ?? "hdfs", ...settings });
    for (const nameNode of this.nameNodes) {
      const response = await fetch(`http://${nameNode}/webhdfs/v1${this.path}${path}?${query}`, { method }).catch(() => undefined);
      if (response?.ok) return JSON.parse((await response.text()) || "{}") as Answered;
    }
    return undefined;
  }

  /** The NameNode that serves. */
  async nameNode(): Promise<string> {
    for (const nameNode of this.nameNodes) {
      const response = await fetch(`http://${nameNode}/webhdfs/v1/?op=GETFILESTATUS`).catch(() => undefined);
      if (response?.ok) return nameNode;
    }
    return assert.fail(`no active NameNode among ${this.nameNodes}`);
  }

  /** Names in a folder in it. */
  async names(path: string): Promise<string[]> {
    return ((await this.ask("GET", "LISTSTATUS", path))?.FileStatuses?.FileStatus ?? []).map(({ pathSuffix }) => pathSuffix);
  }

  async remove(): Promise<void> {
    await this.ask("DELETE", "DELETE", "", { recursive: "true" });
  }
}

interface Status {
  readonly pathSuffix: string;
  readonly length: number;
  readonly modificationTime: number;
  readonly replication: number;
}

/** What of HDFS's answers is looked at. */
export interface Answered {
  readonly FileStatus?: Status;
  readonly FileStatuses?: { readonly FileStatus: readonly Status[] };
  readonly boolean?: boolean;
}

export async function claimed(url: string): Promise<Volume> {
  const place = { name: parseVolumeName("lake"), url, failureDomain: "rack" };
  await driver.prepare(place, environment);
  const volume = await driver.open(place, environment);
  await claimIdentity(volume, identity, never);
  return volume;
}

export async function fixture(settings: Readonly<Record<string, string>> = {}): ReturnType<MakeFixture> {
  const folder = new Folder();
  const volume = await claimed(folder.url(settings));
  return {
    volume,
    async dispose() {
      await volume[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

export async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => isFault(error, code) || assert.fail(`${String(error)} is not ${code}`));
}
