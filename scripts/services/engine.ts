/**
 * An engine is a real server of someone else, started on loopback for tests and trials. What differs between engines is data and a few
 * questions, asked through this interface; how processes are started, watched and ended is the same for all (lifecycle.ts).
 */

export interface Engine {
  readonly name: string;
  /** What it is, for whoever reads the list. */
  readonly says: string;
  /** The environment variable in which tests find its address. */
  readonly variable: string;
  /** Finds, installs or builds what it runs on, which can take minutes on a new machine, and says what its processes are. */
  prepare(options: EngineOptions, say: Say): Promise<Prepared>;
}

export interface EngineOptions {
  /** Two NameNodes instead of one. Of the engines only HDFS has a choice. */
  readonly ha: boolean;
  /** Of the range in which every engine has its own. */
  readonly firstPort: number;
}

export interface Prepared {
  /** Of the software, as it names itself. */
  readonly version: string;
  /** The URL for holdfast.yaml. */
  readonly address: string;
  /** What else a client needs in its environment: passwords never stand in a URL. */
  readonly environment: Readonly<Record<string, string>>;
  /** In the order in which they start. */
  readonly nodes: readonly NodePlan[];
  /** After all nodes run: asks each for an answer, and makes what a client expects (a bucket, a formed cluster). May be asked again. */
  settle(signal: AbortSignal): Promise<void>;
  /** Names of nodes for a word of the user's that may stand for a role (`nn`, `master1`); throws when it knows none. */
  nodeNamed(word: string): Promise<string>;
  /** The engine's own client, called with the user's words; undefined when it has none by that name. */
  client(words: readonly string[]): Promise<Command | undefined>;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface NodePlan {
  readonly name: string;
  /** Every port that it listens on, on loopback. */
  readonly ports: readonly number[];
  readonly command: Command;
  /** Its folder: the process runs in it, and its log lies in it. */
  readonly folder: string;
  /** Who runs it where the caller is root and the engine refuses root. */
  readonly user: User | undefined;
  /** Asks it to end in good order. */
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** How often a process that ends at once is started, a second apart: 1 where an early end is final. */
  readonly triesMax: number;
  /** What must be done before its first start (a data folder, a format). Asked before every start. */
  before(): Promise<void>;
  /** Whether the nodes behind it may start. */
  leads(): Promise<boolean>;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export type Say = (text: string) => void;

/** Something about the machine or the request that its owner can put right: told without a stack. */
export class EngineTrouble extends Error {
  override readonly name = "EngineTrouble";
}

/** What most nodes need: nothing before, nobody behind, the caller's own user, an end by SIGTERM. */
export const plainNode: Pick<NodePlan, "user" | "stopSignal" | "triesMax" | "before" | "leads"> = {
  user: undefined,
  stopSignal: "SIGTERM",
  triesMax: 1,
  before: () => Promise.resolve(),
  leads: () => Promise.resolve(true),
};

/** For engines whose nodes are called by their names alone. */
export function oneOf(names: readonly string[]): (word: string) => Promise<string> {
  return async (word) => {
    if (names.includes(word)) return word;
    throw new EngineTrouble(`there is no node ${JSON.stringify(word)}; there are ${names.join(", ")}`);
  };
}
