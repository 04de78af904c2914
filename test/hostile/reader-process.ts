/**
 * Reads the headers that its parent names, in a process of its own, so that what is measured is the reading and not the
 * making of the corpus. Each message is a job, each answer what came of it; "end" is answered by what it all cost.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isSafetensorsIndex, parseSafetensorsIndex } from "../../src/bytes/formats/index.ts";
import { isFault } from "../../src/core/errors.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { openHeaderReader } from "../../src/machine/headers/index.ts";

export interface HeaderFile {
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
}

export interface Outcome {
  /** "parsed", or the code of the error, or the stack of one that has none. */
  readonly code: string;
  readonly ms: number;
}

export interface Cost {
  readonly growthBytes: number;
  readonly delayMsMax: number;
}

const headers = openHeaderReader(realWorld);
const never = new AbortController().signal;
const rssBefore = process.memoryUsage.rss();
const delay = monitorEventLoopDelay({ resolution: 5 });
let delayMsMax = 0;

async function read({ path, fileName, bytes }: HeaderFile): Promise<string> {
  try {
    if (isSafetensorsIndex(fileName)) parseSafetensorsIndex(readFileSync(path));
    else await headers.layout(path, fileName, bytes, never);
    return "parsed";
  } catch (error) {
    return isFault(error) ? error.code : String((error as Error).stack);
  }
}

async function timed(file: HeaderFile): Promise<Outcome> {
  delay.reset();
  delay.enable();
  const start = performance.now();
  const code = await read(file);
  const ms = performance.now() - start;
  delay.disable();
  delayMsMax = Math.max(delayMsMax, delay.max / 1e6);
  return { code, ms };
}

async function answer(message: HeaderFile | "end"): Promise<Outcome | Cost> {
  if (message !== "end") return await timed(message);
  await headers[Symbol.asyncDispose]();
  return { growthBytes: process.resourceUsage().maxRSS * 1024 - rssBefore, delayMsMax };
}

process.on("message", async (message: HeaderFile | "end") => process.send?.(await answer(message)));
