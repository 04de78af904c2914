/** The HDFS that `npm run services` keeps: where it is, what it says of a folder, and how its nodes are ended and started. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { reportOf, service } from "./services.ts";

/** What HDFS itself finds in a folder. */
export interface Checked {
  readonly blocks: number;
  /** Live copies of the block that has fewest. */
  readonly copiesMin: number;
  readonly openFiles: number;
  readonly healthy: boolean;
}

export class HdfsEngine {
  /** A folder that nobody else has. */
  readonly folder: string;
  /** `host:port` of the NameNodes' HTTP servers. */
  readonly nameNodes: readonly string[];
  readonly #query: string;

  private constructor(address: string) {
    const [, hosts = "", path = "", query = ""] = /^hdfs:\/\/([^/]+)([^?]*)\??(.*)$/.exec(address) ?? [];
    this.nameNodes = hosts.split(",");
    this.folder = `${path.replace(/\/$/, "")}/show-${randomBytes(6).toString("hex")}`;
    this.#query = query;
  }

  /** Undefined where no HDFS is up. */
  static async found(): Promise<HdfsEngine | undefined> {
    const { state, address } = await reportOf("hdfs");
    return state === "up" ? new HdfsEngine(address) : undefined;
  }

  url(replication: number): string {
    const query = new URLSearchParams(this.#query);
    query.set("replication", String(replication));
    return `hdfs://${this.nameNodes.join(",")}${this.folder}?${query}`;
  }

  /** Ready beforehand, so that the kill itself takes no time. */
  async killer(node: string): Promise<() => void> {
    const found = (await reportOf("hdfs")).nodes.find(({ name }) => name === node);
    assert.ok(found, `HDFS has no node ${node}`);
    return () => process.kill(found.pid, "SIGKILL");
  }

  async start(node: string): Promise<void> {
    await service("start", "hdfs", node);
  }

  async safeMode(turn: "enter" | "leave"): Promise<void> {
    await service("hdfs", "dfsadmin", "-safemode", turn);
  }

  async check(): Promise<Checked> {
    const text = await service("hdfs", "fsck", this.folder, "-files", "-blocks", "-openforwrite");
    const copies = [...text.matchAll(/Live_repl=(\d+)/g)].map(([, count]) => Number(count));
    const openFiles = [...text.matchAll(/OPENFORWRITE/g)].length;
    return { blocks: copies.length, copiesMin: Math.min(...copies), openFiles, healthy: /^Status: HEALTHY/m.test(text) };
  }

  /** Waits until every block has so many live copies. */
  async healed(copies: number, withinMs: number): Promise<Checked> {
    for (const startedMs = performance.now(); ; await sleep(1000)) {
      const checked = await this.check();
      if (checked.copiesMin >= copies && checked.healthy) return checked;
      assert.ok(performance.now() - startedMs < withinMs, `blocks still have ${checked.copiesMin} copies after ${withinMs} ms`);
    }
  }

  /**
   * Kills the active NameNode when the work is so far, makes the other one active, and starts the killed one again as the standby. `seconds`:
   * from the kill until the other serves.
   */
  async failOver(
    running: { readonly over: boolean },
    bytes: number,
    done: () => Promise<number>,
  ): Promise<{ killed: string; active: string; seconds: number }> {
    const serving = await this.#serving();
    const [killed, active] = [`nn${serving + 1}`, `nn${2 - serving}`];
    const kill = await this.killer(killed);
    while (!running.over && (await done()) < bytes) await sleep(20);
    assert.ok(!running.over, "the work was over before the NameNode could be killed: a larger model is needed");
    kill();
    const startedMs = performance.now();
    await service("hdfs", "haadmin", "-transitionToActive", "--forceactive", active);
    const seconds = (performance.now() - startedMs) / 1000;
    await this.start(killed);
    return { killed, active, seconds };
  }

  async #serving(): Promise<number> {
    for (const [index, nameNode] of this.nameNodes.entries()) {
      const response = await fetch(`http://${nameNode}/jmx?get=Hadoop:service=NameNode,name=NameNodeStatus::State`).catch(() => undefined);
      if (/"State" : "active"/.test((await response?.text()) ?? "")) return index;
    }
    return assert.fail("no NameNode is active");
  }

  /** Bytes in finished files and blocks, each counted once. */
  async bytes(): Promise<number> {
    const { ContentSummary } = (await this.#ask("GET", "GETCONTENTSUMMARY")) as { ContentSummary?: { length: number } };
    return ContentSummary?.length ?? 0;
  }

  async temporaries(): Promise<number> {
    const { FileStatuses } = (await this.#ask("GET", "LISTSTATUS", "/tmp")) as { FileStatuses?: { FileStatus: unknown[] } };
    return FileStatuses?.FileStatus.length ?? 0;
  }

  async remove(): Promise<void> {
    await this.#ask("DELETE", "DELETE", "", { recursive: "true" });
  }

  async #ask(method: string, op: string, path = "", settings: Readonly<Record<string, string>> = {}): Promise<object> {
    const user = new URLSearchParams(this.#query).get("user") ?? "hdfs";
    const query = new URLSearchParams({ op, ...settings, "user.name": user });
    for (const nameNode of this.nameNodes) {
      const response = await fetch(`http://${nameNode}/webhdfs/v1${this.folder}${path}?${query}`, { method }).catch(() => undefined);
      if (response?.ok) return (await response.json()) as object;
    }
    return {};
  }
}
