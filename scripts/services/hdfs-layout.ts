/** Names, ports and folders of HDFS's processes, plain and with two NameNodes. */
import { join } from "node:path";
import type { EngineOptions } from "./engine.ts";
import { folderOf } from "./places.ts";
import { loopback, portOf } from "./ports.ts";

const name = "hdfs";

/** Name of the pair of NameNodes, which clients use in place of an address. */
export const nameService = "holdfast";

export interface NameNode {
  readonly name: string;
  readonly rpcPort: number;
  /** WebHDFS and the figures of the server. */
  readonly httpPort: number;
}

export interface DataNode {
  readonly name: string;
  readonly dataPort: number;
  readonly httpPort: number;
  readonly ipcPort: number;
}

export const nameNodes = (options: EngineOptions): readonly NameNode[] =>
  (options.ha ? [0, 1] : [0]).map((index) => ({
    name: `nn${index + 1}`,
    rpcPort: portOf(options, name, 2 * index),
    httpPort: portOf(options, name, 2 * index + 1),
  }));

/** Keeps the log that the two NameNodes share. */
export const journalNode = (options: EngineOptions) => ({ name: "jn1", rpcPort: portOf(options, name, 4), httpPort: portOf(options, name, 5) });

export const dataNodes = (options: EngineOptions): readonly DataNode[] =>
  [1, 2, 3].map((number) => {
    const [dataPort, httpPort, ipcPort] = [0, 1, 2].map((offset) => portOf(options, name, 10 * number + offset)) as [number, number, number];
    return { name: `dn${number}`, dataPort, httpPort, ipcPort };
  });

/** The two shapes keep different things, so each has its own folder. */
export const nodeFolder = (node: string, { ha }: EngineOptions): string => join(folderOf(name), ha ? "ha" : "plain", node);

export const at = (port: number): string => `${loopback}:${port}`;
