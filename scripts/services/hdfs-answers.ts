/** What NameNodes say of themselves over HTTP. */
import { connect } from "node:net";
import type { NameNode } from "./hdfs-layout.ts";
import { at } from "./hdfs-layout.ts";
import { loopback } from "./ports.ts";

const answerMsMax = 5000;
/** A NameNode loads the code of WebHDFS when it is first asked through it: seconds, on a machine that has other work to do many of them. */
const firstAnswerMsMax = 60_000;

/** One attribute of one bean of the server's figures; undefined when it does not say. */
async function figure({ httpPort }: NameNode, bean: string, attribute: string): Promise<unknown> {
  const url = `http://${at(httpPort)}/jmx?get=Hadoop:service=NameNode,name=${bean}::${attribute}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
  const { beans } = (await response.json()) as { beans?: readonly Readonly<Record<string, unknown>>[] };
  return beans?.[0]?.[attribute];
}

export async function isActive(node: NameNode): Promise<boolean> {
  return (await figure(node, "NameNodeStatus", "State").catch(() => undefined)) === "active";
}

/** Whether it takes writes and this many DataNodes report to it. The bean is the one that is not seconds late. */
export async function hasAll(node: NameNode, dataNodes: number): Promise<boolean> {
  const bean = "FSNamesystemState";
  return (await figure(node, bean, "NumLiveDataNodes")) === dataNodes && (await figure(node, bean, "FSState")) === "Operational";
}

/** Whether it has read its namespace and takes calls. */
export async function takesCalls(node: NameNode): Promise<boolean> {
  const state = await figure(node, "FSNamesystemState", "FSState").catch(() => undefined);
  return state !== undefined && (await listens(node.rpcPort));
}

export function listens(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: loopback }, () => {
      answer(true);
      socket.destroy();
    });
    socket.setTimeout(answerMsMax, () => socket.destroy());
    socket.once("error", () => answer(false));
    socket.once("close", () => answer(false));
  });
}

/** A folder that this user owns, made by the superuser. */
export async function makeFolderOf(user: string, path: string, { httpPort }: NameNode, superuser: string): Promise<void> {
  for (const operation of ["op=MKDIRS&permission=755", `op=SETOWNER&owner=${user}&group=${user}`]) {
    const url = `http://${at(httpPort)}/webhdfs/v1${path}?user.name=${superuser}&${operation}`;
    const response = await fetch(url, { method: "PUT", signal: AbortSignal.timeout(firstAnswerMsMax) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${text.slice(0, 200)}`);
  }
}
