/** Where Redis servers are, from their URLs. */
import { fault } from "../../core/errors.ts";
import type { RedisAddress } from "../resp/index.ts";

export interface RedisPlace extends RedisAddress {
  /** `host:port`: by this a ring knows it, so that a change of password moves no key. */
  readonly name: string;
  readonly weight: number;
}

const weightMin = 0.01;
const weightMax = 64;

/** The password may be in the environment, where redis-cli has it too. Throws CONFIG_INVALID. */
export function placeOf(text: string, env: Readonly<Record<string, string | undefined>> = {}): RedisPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === "") throw unusable(text, "write redis://host:port");
  const [unknown] = [...url.searchParams.keys()].filter((key) => key !== "weight");
  if (unknown !== undefined) throw unusable(text, `there is no parameter ${unknown}`);
  const weight = Number(url.searchParams.get("weight") ?? 1);
  if (!(weight >= weightMin && weight <= weightMax)) throw unusable(text, `a weight is between ${weightMin} and ${weightMax}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port || 6379);
  const password = decodeURIComponent(url.password) || env.REDISCLI_AUTH || undefined;
  return { host, port, name: nameOf(host, port), weight, secure: url.protocol === "rediss:", password, user: decodeURIComponent(url.username) || undefined };
}

export function nameOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function unusable(text: string, why: string): Error {
  return fault("CONFIG_INVALID", `the Redis server ${JSON.stringify(text.replace(/\/\/[^/@]*@/, "//…@"))}: ${why}`);
}
