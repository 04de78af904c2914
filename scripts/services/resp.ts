/** One question to a Redis server and its answer, in the protocol's own words. Enough to form a cluster and to ask whether it is well. */
import { connect } from "node:net";
import { loopback } from "./ports.ts";

export type RedisAnswer = string | number | null | readonly RedisAnswer[];

const answerMsMax = 3000;
const answerBytesMax = 1 << 20;

/** Rejects with the server's own words where it answers with an error. */
export function askRedis(port: number, ...words: readonly string[]): Promise<RedisAnswer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect({ port, host: loopback }, () => socket.write(commandOf(words)));
    socket.setTimeout(answerMsMax, () => socket.destroy(new Error(`no answer from port ${port}`)));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`port ${port} closed the connection before it answered`)));
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length > answerBytesMax) socket.destroy(new Error("a longer answer than any that is asked for here"));
      const read = readAnswer(received, 0);
      if (read === undefined) return;
      if (read.error === undefined) resolve(read.value);
      else reject(new Error(read.error));
      socket.destroy();
    });
  });
}

function commandOf(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

interface Read {
  readonly value: RedisAnswer;
  readonly error?: string;
  /** Where the next value begins. */
  readonly end: number;
}

/** The value that begins at `from`; undefined while part of it has not come. */
export function readAnswer(bytes: Buffer, from: number): Read | undefined {
  const lineEnd = bytes.indexOf("\r\n", from);
  if (lineEnd < 0) return undefined;
  const [kind, text, end] = [bytes.toString("latin1", from, from + 1), bytes.toString("utf8", from + 1, lineEnd), lineEnd + 2];
  if (kind === "+") return { value: text, end };
  if (kind === "-") return { value: null, error: text, end };
  if (kind === ":") return { value: Number(text), end };
  if (kind === "$") return readBulk(bytes, end, Number(text));
  if (kind === "*") return readList(bytes, end, Number(text));
  throw new Error(`not an answer of Redis: ${JSON.stringify(text.slice(0, 40))}`);
}

function readBulk(bytes: Buffer, from: number, length: number): Read | undefined {
  if (length < 0) return { value: null, end: from };
  const end = from + length + 2;
  return bytes.length < end ? undefined : { value: bytes.toString("utf8", from, from + length), end };
}

function readList(bytes: Buffer, from: number, length: number): Read | undefined {
  const values: RedisAnswer[] = [];
  let end = from;
  for (let at = 0; at < length; at++) {
    const read = readAnswer(bytes, end);
    if (read === undefined) return undefined;
    values.push(read.value);
    end = read.end;
  }
  return { value: values, end };
}
