/** `redis://host:port,host:port?prefix=holdfast`, `redis-cluster:` for a Cluster, `rediss:` and `rediss-cluster:` over TLS. */
import { fault } from "../../../core/errors.ts";
import { placeOf, type RedisPlace } from "../../../machine/redis/index.ts";

export interface CoordinatePlace {
  readonly clustered: boolean;
  /** Any nodes of a cluster, or all servers of a ring. */
  readonly places: readonly RedisPlace[];
  /** What its keys begin with. */
  readonly prefix: string;
}

const shape = /^(rediss?)(-cluster)?:\/\/(?:([^/@?#]*)@)?([^/@?#]+)\/?(?:\?([^#]*))?$/;
const prefixShape = /^[A-Za-z0-9._-]{1,64}$/;
const serversMax = 256;

/** Throws CONFIG_INVALID. */
export function coordinatePlaceOf(url: string, env: Readonly<Record<string, string | undefined>> = {}): CoordinatePlace {
  const [, scheme, cluster, user, hosts, query = ""] = shape.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw unusable("write redis://host:port,… or redis-cluster://host:port,…");
  const parameters = new URLSearchParams(query);
  const [unknown] = [...parameters.keys()].filter((key) => key !== "prefix");
  if (unknown !== undefined) throw unusable(`there is no parameter ${unknown}`);
  const prefix = parameters.get("prefix") ?? "holdfast";
  if (!prefixShape.test(prefix)) throw unusable("a prefix has letters, digits, '.', '_' and '-'");
  const names = hosts.split(",");
  if (names.length > serversMax) throw unusable(`it names more than ${serversMax} servers`);
  const login = user === undefined ? "" : `${user}@`;
  return { clustered: cluster !== undefined, places: names.map((host) => placeOf(`${scheme}://${login}${host}`, env)), prefix };
}

/** The URL may hold a password, so it is not repeated. */
function unusable(why: string): Error {
  return fault("CONFIG_INVALID", `the Redis servers for coordination: ${why}`, { advice: "docs/coordinate.md has examples." });
}
