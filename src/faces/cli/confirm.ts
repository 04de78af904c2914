/** A question to a person. Where nobody can answer, the line must say it. */
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { UsageError } from "./usage.ts";

interface Dialogue {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

export async function confirm(question: string, advice: string, { stdin, stderr, signal }: Dialogue): Promise<boolean> {
  if (!stdin.isTTY) throw new UsageError(`nobody can be asked: "${question}"`, advice);
  const dialogue = createInterface({ input: stdin, output: stderr });
  dialogue.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    // The end of the input is a no: readline itself would wait for ever.
    const ended = once(dialogue, "close").then(() => "");
    const answer = await Promise.race([dialogue.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    dialogue.close();
  }
}
