/** From a URL to the place of a catalog in PostgreSQL. What a URL leaves out comes from the environment, PG*, when the client connects. */
import { fault, type HoldfastError } from "../../../core/errors.ts";

export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly name: string | undefined;
  readonly port: number | undefined;
}

/** How connections are encrypted. With any, certificates are checked, whatever the mode is called: one that checks nothing protects nothing. */
export interface Tls {
  /** Paths of PEM files. */
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

export interface PostgresPlace {
  /** Where one primary and its standbys may be, in the order in which they are asked. */
  readonly hosts: readonly Host[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly schema: string;
  /** Connections that one process has open at most; one more listens where somebody follows changes. */
  readonly connections: number;
  /** Undefined leaves it to the environment, `false` is none. */
  readonly tls: Tls | false | undefined;
  /** The URL as messages may have it: without a password. */
  readonly label: string;
}

const schemaDefault = "holdfast";
const connectionsDefault = 5;
/** A transaction holds one while the process goes on reading with others. */
const connectionsMin = 2;
const connectionsMax = 100;
const parameters = ["schema", "connections", "host", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/** PostgreSQL cuts names at 63 bytes, and a catalog that is being rebuilt, or was replaced, gets a suffix. */
const schemaName = /^[a-z_][a-z0-9_]{0,39}(?:_rebuilding)?$/;
const url = /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const hostAndPort = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]*)(?::(\d{1,5}))?$/;

/**
 * `postgres://USER@HOST:PORT,HOST:PORT/DATABASE?schema=…&connections=…&host=SOCKETFOLDER&sslmode=…&sslrootcert=…&sslcert=…&sslkey=…`, all of it
 * optional (postgresql.org/docs/current/libpq-connect.html, 34.1.1.2). Throws CONFIG_INVALID.
 */
export function parsePlace(text: string): PostgresPlace {
  const [, user, password, hosts = "", database, query = ""] = url.exec(text) ?? refuse(text, "it is not postgres://USER@HOST:PORT/DATABASE");
  const given = parametersOf(text, query);
  const schema = given.get("schema") ?? schemaDefault;
  if (!schemaName.test(schema) || schema.startsWith("pg_"))
    throw refusal(text, `schema ${JSON.stringify(schema)} is not lower-case letters, digits and _, at most 40`);
  return {
    hosts: hostsOf(text, given.get("host") ?? hosts),
    user: decoded(text, user),
    password: decoded(text, password),
    database: decoded(text, database),
    schema,
    connections: connectionsOf(text, given.get("connections") ?? undefined),
    tls: tlsOf(text, given),
    label: labelOf(text),
  };
}

/** The same place with another schema, where a rebuild puts its catalog together. */
export function placeBeside(text: string): string {
  const [before = "", query = ""] = text.split("?");
  const given = new URLSearchParams(query);
  given.set("schema", `${parsePlace(text).schema}_rebuilding`);
  return `${before}?${given}`;
}

function labelOf(text: string): string {
  return text.replace(/(\/\/[^/@]*?):[^/@]*@/, "$1@");
}

function refusal(text: string, why: string): HoldfastError {
  return fault("CONFIG_INVALID", `the catalog ${JSON.stringify(labelOf(text))} cannot be used: ${why}`, {
    advice: "docs/configuration.md tells how such a URL is written.",
  });
}

function refuse(text: string, why: string): never {
  throw refusal(text, why);
}

function parametersOf(text: string, query: string): URLSearchParams {
  const given = new URLSearchParams(query);
  for (const name of given.keys()) if (!parameters.includes(name)) refuse(text, `there is no parameter ${name}; there are ${parameters.join(", ")}`);
  return given;
}

/** Empty is left to the environment too. */
function decoded(text: string, part: string | undefined): string | undefined {
  try {
    return part ? decodeURIComponent(part) : undefined;
  } catch {
    return refuse(text, "a % in it is followed by no code");
  }
}

function hostsOf(text: string, hosts: string): readonly Host[] {
  return hosts.split(",").map((one) => {
    const [, name, port] = hostAndPort.exec(one) ?? refuse(text, `${JSON.stringify(one)} is no host`);
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) refuse(text, `there is no port ${port}`);
    const plain = decoded(text, name?.replace(/^\[|\]$/g, ""));
    return { name: plain, port: port === undefined ? undefined : Number(port) };
  });
}

function connectionsOf(text: string, given: string | undefined): number {
  const connections = given === undefined ? connectionsDefault : Number(given);
  if (!Number.isInteger(connections) || connections < connectionsMin || connections > connectionsMax)
    refuse(text, `connections=${given} is not a whole number from ${connectionsMin} to ${connectionsMax}`);
  return connections;
}

function tlsOf(text: string, given: URLSearchParams): Tls | false | undefined {
  const mode = given.get("sslmode") ?? (given.has("sslrootcert") ? "verify-full" : undefined);
  if (mode === undefined) return undefined;
  if (mode === "disable") return false;
  if (!["require", "verify-ca", "verify-full"].includes(mode)) refuse(text, `sslmode=${mode} is not disable, require, verify-ca or verify-full`);
  const file = (name: string): string | undefined => given.get(name) ?? undefined;
  return { rootCertificate: file("sslrootcert"), certificate: file("sslcert"), key: file("sslkey") };
}
