/** What WebHDFS does with names: one method for each operation of the NameNode that a volume needs. Bytes are for DataNodes. */
import { fault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { type Blocks, blocksIn, booleanIn, capacityIn, dataNodesIn, type FileStatus, locationIn, pageIn, type StatusPage, statusIn } from "./answers.ts";
import type { Answer, NameNodes, Question } from "./name-nodes.ts";
import { isMissing, type Refusal, refusalFault } from "./refusal.ts";

/** A page has `dfs.ls.limit` entries, 1000 where nothing is set, of some 400 bytes. */
const pageBytesMax = 4 * MiB;
/** For some five hundred blocks with three copies each. */
const blocksBytesMax = MiB;
/** Room for ten thousand DataNodes. */
const beanBytesMax = 8 * MiB;
const bean = "Hadoop:service=NameNode,name=NameNodeInfo";
const stateBean = "Hadoop:service=NameNode,name=FSNamesystemState";

const httpDate = /[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT/;

export const webHdfsPath = "/webhdfs/v1";

/** Where a DataNode takes or gives bytes, as the NameNode says; or why not. */
export type Redirect = { readonly location: string } | { readonly refusal: Refusal };

export class Names {
  readonly #nameNodes: NameNodes;
  readonly #volume: string;

  constructor(nameNodes: NameNodes, volume: string) {
    this.#nameNodes = nameNodes;
    this.#volume = volume;
  }

  /** Undefined where there is nothing. */
  async status(path: string, signal: AbortSignal): Promise<FileStatus | undefined> {
    const question = this.#question("GET", "GETFILESTATUS", path);
    const answer = await this.#askFor(question, signal);
    return answer && statusIn(answer.text, question.what);
  }

  /** Milliseconds since 1970 by the NameNode's clock; 0, before all files, where it does not say. */
  async clock(path: string, signal: AbortSignal): Promise<number> {
    const answer = await this.#askFor(this.#question("GET", "GETFILESTATUS", path), signal);
    const [date = ""] = httpDate.exec(answer?.headers.get("date") ?? "") ?? []; // NameNodes say it twice
    return Date.parse(date) || 0;
  }

  /** With those above it; also where it is there already. In safe mode that is refused as every change is. */
  async makeFolder(path: string, signal: AbortSignal): Promise<void> {
    const question = this.#question("PUT", "MKDIRS", path);
    const answer = await this.#need(question, signal);
    if (!booleanIn(answer.text, question.what)) throw fault("VOLUME_UNREACHABLE", `${question.what}: HDFS did not make it`);
  }

  /** Never over something, never into a folder. Returns why not; VOLUME_UNREACHABLE leaves open whether it was done. */
  async rename(from: string, to: string, signal: AbortSignal): Promise<Refusal | undefined> {
    const question = this.#question("PUT", "RENAME", from, { destination: to, renameoptions: "NONE" });
    return (await this.#nameNodes.ask(question, signal)).refusal;
  }

  /** A file or an empty folder, or with all that is in it. False where there was nothing. */
  async remove(path: string, recursive: boolean, signal: AbortSignal): Promise<boolean> {
    const question = this.#question("DELETE", "DELETE", path, { recursive: String(recursive) });
    const answer = await this.#need(question, signal);
    return booleanIn(answer.text, question.what);
  }

  /** Entries of a folder in the order of the bytes of their names, behind a name. Undefined where there is no folder. */
  async page(folder: string, after: string | undefined, signal: AbortSignal): Promise<StatusPage | undefined> {
    const query = after === undefined ? {} : { startAfter: after };
    const question = { ...this.#question("GET", "LISTSTATUS_BATCH", folder, query), answerBytesMax: pageBytesMax };
    const answer = await this.#askFor(question, signal);
    return answer && pageIn(answer.text, question.what);
  }

  /** The length of a file, and where it lies. Undefined where there is no file. */
  async blocks(path: string, signal: AbortSignal): Promise<Blocks | undefined> {
    const question = { ...this.#question("GET", "GET_BLOCK_LOCATIONS", path), answerBytesMax: blocksBytesMax };
    const answer = await this.#askFor(question, signal);
    return answer && blocksIn(answer.text, question.what);
  }

  async redirect(
    method: "GET" | "PUT",
    op: "OPEN" | "CREATE" | "GETFILECHECKSUM",
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Redirect> {
    const question = this.#question(method, op, path, { ...query, noredirect: "true" });
    const { refusal, headers, text } = await this.#nameNodes.ask(question, signal);
    if (refusal) return { refusal };
    return { location: headers.get("location") ?? locationIn(text, question.what) };
  }

  /** The DataNodes that the NameNode knows as living. Throws CONFIG_INVALID where it does not say. */
  async dataNodes(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const what = `DataNodes of volume ${this.#volume}`;
    const query = { get: `${bean}::LiveNodes` };
    const { refusal, text } = await this.#nameNodes.ask({ method: "GET", path: "/jmx", query, answerBytesMax: beanBytesMax, what }, signal);
    if (refusal)
      throw fault("CONFIG_INVALID", `${what}: the NameNode does not list them (HTTP ${refusal.status})`, {
        advice: "Name them in the URL of the volume: datanodes=host:port,… with the HTTP ports, or .domain:port for all hosts of a domain.",
      });
    return dataNodesIn(text, what);
  }

  /** Of the whole file system, each copy counted. Undefined where the NameNode does not say. */
  async capacity(signal: AbortSignal): Promise<ReturnType<typeof capacityIn> | undefined> {
    const what = `capacity of volume ${this.#volume}`;
    const { refusal, text } = await this.#nameNodes.ask({ method: "GET", path: "/jmx", query: { qry: stateBean }, answerBytesMax: MiB, what }, signal);
    return refusal ? undefined : capacityIn(text, what);
  }

  #question(method: Question["method"], op: string, path: string, query: Readonly<Record<string, string>> = {}): Question {
    return { method, path: urlPath(path), query: { op, ...query }, what: `${op} ${path} on volume ${this.#volume}` };
  }

  /** Undefined where what is asked about is not there; every other refusal is thrown. */
  async #askFor(question: Question, signal: AbortSignal): Promise<Answer | undefined> {
    const answer = await this.#nameNodes.ask(question, signal);
    if (!answer.refusal) return answer;
    if (isMissing(answer.refusal)) return undefined;
    throw refusalFault(answer.refusal, question.what);
  }

  async #need(question: Question, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#nameNodes.ask(question, signal);
    if (answer.refusal) throw refusalFault(answer.refusal, question.what);
    return answer;
  }
}

function urlPath(path: string): string {
  return webHdfsPath + path.split("/").map(encodeURIComponent).join("/");
}
