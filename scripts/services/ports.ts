/** The project's own range of ports, below those that systems give to outgoing connections. Another range serves a second checkout on one machine. */
import { createServer } from "node:net";
import { type EngineOptions, EngineTrouble } from "./engine.ts";

const firstPortDefault = 24_600;
const rangePorts = 100;
export const loopback = "127.0.0.1";

/** Offsets in the range; engines take theirs upwards from here. */
const offsets = { postgres: 0, minio: 2, versity: 4, "redis-ring": 10, "redis-cluster": 20, hdfs: 40 } as const;

/** Where the range begins for who starts an engine now. */
export function firstPort(environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment.HOLDFAST_SERVICES_PORT;
  if (text === undefined || text === "") return firstPortDefault;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port + rangePorts <= 65_536) return port;
  throw new EngineTrouble(`HOLDFAST_SERVICES_PORT must be the first of ${rangePorts} ports between 1024 and 65535, not ${JSON.stringify(text)}`);
}

export function portOf({ firstPort: first }: EngineOptions, engine: keyof typeof offsets, offset = 0): number {
  return first + offsets[engine] + offset;
}

/** Fails with the name of who wanted it when somebody else listens there. */
export async function refuseTakenPorts(who: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue;
    const advice = "Perhaps the services of another checkout run: stop whoever has it, or set HOLDFAST_SERVICES_PORT to the first of 100 free ports.";
    throw new EngineTrouble(`port ${port}, which ${who} needs, is taken. ${advice}`);
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((answer, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? answer(false) : reject(error)));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => answer(true)));
  });
}
