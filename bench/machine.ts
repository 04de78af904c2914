/** On what a benchmark ran: without it a figure says nothing. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { formatBytes } from "../src/core/units.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly kernel: string;
  /** Of the folder in which the bench works. */
  readonly fileSystem: string;
  readonly node: string;
  /** TCP's. `bbr` paces even loopback, so figures over sockets need it beside them. */
  readonly congestionControl: string;
  /** Of the last minute, before the bench began. */
  readonly load: number;
}

export function describeMachine(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: formatBytes(totalmem()),
    kernel: `${type()} ${release()}`,
    fileSystem: fileSystemOf(folder),
    node: process.versions.node,
    congestionControl: congestionControl(),
    load: loadavg()[0] ?? 0,
  };
}

export function machineLine({ cpu, cores, memory, kernel, fileSystem, node, congestionControl, load }: Machine): string {
  return `${cpu}, ${cores} cores, ${memory}, ${kernel}, ${fileSystem}, Node ${node}, TCP ${congestionControl}, load ${load.toFixed(1)}`;
}

function fileSystemOf(folder: string): string {
  const { stdout, status } = spawnSync("df", ["-PT", folder], { encoding: "utf8" });
  const [device, kind] = stdout?.split("\n")[1]?.split(/\s+/) ?? [];
  return status === 0 && device && kind ? `${kind} on ${device}` : "unknown file system";
}

function congestionControl(): string {
  const path = "/proc/sys/net/ipv4/tcp_congestion_control";
  return existsSync(path) ? readFileSync(path, "utf8").trim() : "unknown";
}
