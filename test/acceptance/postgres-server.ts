/** A PostgreSQL of our own, to be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverApart } from "../../scripts/services/postgres.ts";

type Plan = Awaited<ReturnType<typeof serverApart>>;

const startsMax = 60;
const readyWaitMs = 60_000;

export class KillableServer implements AsyncDisposable {
  readonly #plan: Plan;
  #process: ChildProcess | undefined;

  private constructor(plan: Plan) {
    this.#plan = plan;
  }

  static async start(say: (line: string) => void): Promise<KillableServer> {
    const plan = await serverApart("postgres-apart", await freePort(), say);
    const server = new KillableServer(plan);
    await rm(join(plan.node.folder, "data"), { recursive: true, force: true });
    await plan.node.before();
    await server.start();
    return server;
  }

  /** Without the password, which is in `environment`. */
  get address(): string {
    return this.#plan.address;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#plan.environment;
  }

  /** Resolves when it takes sessions. A server that was killed leaves children, whose memory keeps the next one away until they have noticed. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { exitCode, signalCode } = await this.#launch();
      if (exitCode === null && signalCode === null) return;
      if (attempt === startsMax) throw new Error(`PostgreSQL did not start; see ${this.#log}`);
      await sleep(250);
    }
  }

  /** The server dies as by a kernel that needs its memory; `whole` takes the backends along, in the middle of what they do. */
  async kill(whole: boolean): Promise<void> {
    const server = this.#process as ChildProcess;
    const backends = whole ? childrenOf(server.pid as number) : [];
    server.kill("SIGKILL");
    for (const pid of backends) killIfThere(pid);
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#process;
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill("SIGINT");
      await once(server, "exit");
    }
    await rm(this.#plan.node.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  get #log(): string {
    return join(this.#plan.node.folder, "log");
  }

  /** Runs until it takes sessions or has ended. */
  async #launch(): Promise<ChildProcess> {
    const { command, folder, user } = this.#plan.node;
    await mkdir(folder, { recursive: true });
    await using log = await open(this.#log, "a");
    const env = { ...process.env, ...command.environment };
    const child = spawn(command.file, command.args, { cwd: folder, env, stdio: ["ignore", log.fd, log.fd], ...user });
    this.#process = child;
    const deadline = performance.now() + readyWaitMs;
    while (child.exitCode === null && child.signalCode === null && !(await this.#plan.takesSessions())) {
      if (performance.now() > deadline) throw new Error(`PostgreSQL takes no sessions; see ${this.#log}`);
      await sleep(50);
    }
    return child;
  }
}

function childrenOf(parent: number): number[] {
  const lines = execFileSync("ps", ["-axo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid as number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
