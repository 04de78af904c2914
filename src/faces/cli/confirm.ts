/** A question to a person. Where nobody can answer, the line must say it. */
import { createInterface } from "node:readline/promises";
import { fault } from "../../core/errors.ts";
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
    // The end of the input closes the dialogue, and leaves its question open for ever.
    const ended = new Promise<string>((resolve) => dialogue.once("close", () => resolve("")));
    const answer = await Promise.race([dialogue.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) throw fault("CANCELLED", "cancelled while asking", { cause: error });
    // Ctrl-D.
    if ((error as Error).name === "AbortError") return false;
    throw error;
  } finally {
    dialogue.close();
  }
}
