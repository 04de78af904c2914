/** What a NameNode or DataNode says when it does not do what it was asked, and what that means for a volume. */
import { type ErrorCode, fault, type HoldfastError } from "../../../core/errors.ts";

export interface Refusal {
  readonly status: number;
  /** The class of the Java exception, without its package; empty where the answer is not one of WebHDFS. */
  readonly exception: string;
  /** Its first line: behind it comes a Java stack. */
  readonly message: string;
}

const messageCharactersMax = 300;

/** Reads `{"RemoteException": {"exception", "message"}}`; anything else is a refusal without an exception, which is never taken for "missing". */
export function refusalOf(status: number, text: string): Refusal {
  const { exception, message } = remoteException(text);
  const name = typeof exception === "string" ? (exception.split(/[.$]/).at(-1) ?? "") : "";
  return { status, exception: name, message: firstLine(typeof message === "string" ? message : text) };
}

function remoteException(text: string): { readonly exception?: unknown; readonly message?: unknown } {
  try {
    const { RemoteException: found } = JSON.parse(text) as { RemoteException?: unknown };
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}

/** A token must not reach a log through somebody's message. */
function firstLine(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? "";
  return line.slice(0, messageCharactersMax).replace(/delegation=[^&\s]*/gi, "delegation=…");
}

const codes: Readonly<Record<string, ErrorCode>> = {
  AccessControlException: "ACCESS_DENIED",
  AuthorizationException: "ACCESS_DENIED",
  AuthenticationException: "ACCESS_DENIED",
  InvalidToken: "ACCESS_DENIED",
  SecurityException: "ACCESS_DENIED",
  NSQuotaExceededException: "VOLUME_FULL",
  DSQuotaExceededException: "VOLUME_FULL",
  QuotaByStorageTypeExceededException: "VOLUME_FULL",
  QuotaExceededException: "VOLUME_FULL",
  ChecksumException: "OBJECT_CORRUPT",
  IllegalArgumentException: "CONFIG_INVALID",
  UnsupportedOperationException: "CONFIG_INVALID",
};

const adviceByCode: Partial<Readonly<Record<ErrorCode, string>>> = {
  ACCESS_DENIED: "Check the user in the URL of the volume, or its token file, and who owns the folder in HDFS.",
  VOLUME_FULL: "Raise the quota of the folder, or add another volume with `holdfast volumes add`.",
  CONFIG_INVALID: "Check replication and blocksize in the URL of the volume against the limits of the cluster.",
};

const adviceByException: Readonly<Record<string, string>> = {
  SafeModeException: "HDFS takes no changes in safe mode; loads go on. Push again when `hdfs dfsadmin -safemode get` says OFF.",
  StandbyException: "Name all NameNodes in the URL of the volume, and see whether one is active.",
  BlockMissingException: "Every DataNode with a copy of a block is away: see `hdfs fsck` on the path of the volume.",
};

/** Everything that is not known to be something else is "no answer": it is tried again, and other replicas are asked. */
export function refusalFault(refusal: Refusal, what: string): HoldfastError {
  const code = refusal.status === 401 ? "ACCESS_DENIED" : (codes[refusal.exception] ?? "VOLUME_UNREACHABLE");
  const advice = adviceByException[refusal.exception] ?? adviceByCode[code] ?? strangerAdvice(refusal);
  const why = [refusal.exception || `HTTP ${refusal.status}`, refusal.message].filter((part) => part !== "").join(": ");
  return fault(code, `${what}: ${why}`, advice === undefined ? {} : { advice });
}

function strangerAdvice({ exception }: Refusal): string | undefined {
  return exception === "" ? "Check that the port in the URL of the volume is the HTTP port of a NameNode." : undefined;
}

export function isMissing(refusal: Refusal): boolean {
  return refusal.exception === "FileNotFoundException";
}

export function isTaken(refusal: Refusal): boolean {
  return refusal.exception === "FileAlreadyExistsException";
}

/** The token or the user is not accepted (any more). */
export function isUnauthenticated({ status, exception }: Refusal): boolean {
  return status === 401 || exception === "InvalidToken" || exception === "AuthenticationException";
}

const elsewhere = new Set(["StandbyException", "RetriableException", "EOFException", "ConnectException", "NoRouteToHostException", "SocketTimeoutException"]);

/** This NameNode does not serve now, or a DataNode could not reach its NameNode: another one may. */
export function isElsewhere({ status, exception }: Refusal): boolean {
  return elsewhere.has(exception) || (exception === "" && (status === 502 || status === 503 || status === 504));
}
