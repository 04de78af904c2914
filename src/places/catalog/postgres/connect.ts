/** Connections to the primary, wherever among the hosts it is now. */
import { readFile } from "node:fs/promises";
import { Client, type ClientConfig } from "pg";
import { fault, isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { catalogFault, interruptionOf, mayConnectLater } from "./faults.ts";
import { patiently } from "./patience.ts";
import type { Host, PostgresPlace, Tls } from "./place.ts";
import { type Clock, Session, type StatementLimits, typeParsers } from "./session.ts";

export interface ConnectOptions {
  readonly place: PostgresPlace;
  readonly world: World;
  readonly clock: Clock;
  /** How long a statement waits for a lock. */
  readonly waitMs: number;
  readonly limits: StatementLimits;
}

const connectMs = 5000;
const keepAliveAfterMs = 10_000;
/** A process that stands still in a transaction keeps everybody from writing: then the server ends its session, and what it did is undone. */
const idleInTransactionMs = 15_000;
const versionMin = 140_000;

/**
 * A session on the first host that takes writes, asking again for a while when none does: one may be starting, or about to be promoted. Throws
 * CATALOG_UNREACHABLE, ACCESS_DENIED, and CONFIG_INVALID for a server that will not do.
 */
export async function connect(options: ConnectOptions, closing: AbortSignal, waitMs = options.waitMs): Promise<Session> {
  return patiently({ world: options.world, waitMs, closing, mayPass: isNoPrimary }, () => connectOnce(options));
}

async function connectOnce(options: ConnectOptions): Promise<Session> {
  const { hosts, label } = options.place;
  const reasons: unknown[] = [];
  for (const host of hosts)
    try {
      const session = await connectTo(host, options);
      if (session) return session;
      reasons.push(fault("CATALOG_UNREACHABLE", `${nameOf(host)} is a standby`));
    } catch (error) {
      if (!mayConnectLater(error)) throw catalogFault(error, label);
      reasons.push(error);
    }
  const told = reasons.map((reason) => (catalogFault(reason, label) as Error).message).join("; ");
  throw fault("CATALOG_UNREACHABLE", hosts.length > 1 ? `none of ${hosts.length} hosts is the primary of catalog ${label}: ${told}` : told, {
    cause: new AggregateError(reasons),
    advice: "Check that the database server is up and can be reached from here, then try again.",
  });
}

/** No host took writes this time; told by the reasons of all of them. */
function isNoPrimary(error: unknown): boolean {
  return isFault(error, "CATALOG_UNREACHABLE") && error.cause instanceof AggregateError;
}

/** Undefined when the host is there and takes no writes. */
async function connectTo(host: Host, options: ConnectOptions): Promise<Session | undefined> {
  const client = new Client(await settingsOf(host, options));
  const session = new Session(client, options);
  try {
    await client.connect().catch(throwInterruption);
    if (await isPrimary(session, options.place)) return session;
  } catch (error) {
    await session.close();
    throw error;
  }
  await session.close();
  return undefined;
}

function throwInterruption(error: unknown): never {
  throw interruptionOf(error);
}

async function settingsOf(host: Host, { place, waitMs, limits }: ConnectOptions): Promise<ClientConfig> {
  const { user, password, database, tls } = place;
  return {
    ...given({ host: host.name, port: host.port, user, password, database }),
    ...(tls === undefined ? {} : { ssl: tls && (await certificatesOf(tls)) }),
    application_name: "holdfast",
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    lock_timeout: Math.max(1, Math.ceil(waitMs)),
    statement_timeout: limits.shortMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: typeParsers,
  };
}

/** Without what is undefined, which the client would not look up in the environment. */
function given<T extends Record<string, string | number | undefined>>(values: T) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function certificatesOf({ rootCertificate, certificate, key }: Tls) {
  const [ca, cert, secret] = await Promise.all([rootCertificate, certificate, key].map(pem));
  return { ...(ca && { ca }), ...(cert && { cert }), ...(secret && { key: secret }) };
}

async function pem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fault("CONFIG_INVALID", `the certificate file ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** What a session needs before anything is asked. A commit is acknowledged only when it is durable, whatever the server's default. */
const greet = `
  SELECT set_config('search_path', $1, false), pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS standby,
    current_setting('server_encoding') AS encoding, current_setting('server_version_num')::integer AS version,
    CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END`;

interface Greeting {
  readonly standby: boolean;
  readonly encoding: string;
  readonly version: number;
}

async function isPrimary(session: Session, place: PostgresPlace): Promise<boolean> {
  const { standby, encoding, version } = (await session.get<Greeting>(greet, `"${place.schema}"`)) as Greeting;
  if (version < versionMin)
    throw fault("CONFIG_INVALID", `the server of catalog ${place.label} is PostgreSQL ${Math.floor(version / 10_000)}`, { advice: "Use 14 or newer." });
  if (encoding !== "UTF8")
    throw fault("CONFIG_INVALID", `the database of catalog ${place.label} is encoded in ${encoding}`, { advice: "Make one with `createdb -E UTF8`." });
  return !standby;
}

function nameOf({ name, port }: Host): string {
  return `${name ?? "the host"}${port === undefined ? "" : `:${port}`}`;
}
