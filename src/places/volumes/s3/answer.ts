/** What an answer of S3 that is no success means. By its code where it has one; answers to HEAD have a status only. */
import { type ErrorCode, fault, type HoldfastError } from "../../../core/errors.ts";
import type { BulkResponse } from "../../../machine/bulk-http/index.ts";
import { markRetryAfter } from "../retry-after.ts";
import { parseXml, textIn, type XmlElement } from "./xml.ts";

export interface S3Error {
  readonly code: string;
  readonly message: string;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: "OBJECT_MISSING",
  PreconditionFailed: "OBJECT_EXISTS",
  AccessDenied: "ACCESS_DENIED",
  AccountProblem: "ACCESS_DENIED",
  AllAccessDisabled: "ACCESS_DENIED",
  ExpiredToken: "ACCESS_DENIED",
  InvalidAccessKeyId: "ACCESS_DENIED",
  InvalidToken: "ACCESS_DENIED",
  RequestTimeTooSkewed: "ACCESS_DENIED",
  SignatureDoesNotMatch: "ACCESS_DENIED",
  XAdminUserNotFound: "ACCESS_DENIED",
  InsufficientStorage: "VOLUME_FULL",
  QuotaExceeded: "VOLUME_FULL",
  StorageFull: "VOLUME_FULL",
  XMinioAdminBucketQuotaExceeded: "VOLUME_FULL",
  XMinioStorageFull: "VOLUME_FULL",
  EntityTooLarge: "LIMIT_EXCEEDED",
  AuthorizationHeaderMalformed: "CONFIG_INVALID",
  InvalidBucketName: "CONFIG_INVALID",
  PermanentRedirect: "CONFIG_INVALID",
};

/** 404 is not here: of a missing object and a missing bucket, only the code tells which it is. */
const statuses: Readonly<Record<number, ErrorCode>> = {
  301: "CONFIG_INVALID",
  401: "ACCESS_DENIED",
  403: "ACCESS_DENIED",
  412: "OBJECT_EXISTS",
  413: "LIMIT_EXCEEDED",
  507: "VOLUME_FULL",
};

const advice: Readonly<Partial<Record<ErrorCode, string>>> = {
  ACCESS_DENIED: "Check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE) and what they may do in the bucket, and the clock of this machine.",
  CONFIG_INVALID: "Check the bucket, the region and the endpoint in the URL of the volume.",
  VOLUME_FULL: "Free space or raise the quota of the bucket, or add another volume with `holdfast volumes add`.",
  VOLUME_UNREACHABLE: "Check that the bucket exists and its server is well; the other replicas are used until it answers again.",
};

/** What the body of an answer says of a failure; undefined where it says nothing. */
export function errorOf({ text }: BulkResponse): S3Error | undefined {
  if (!text.trimStart().startsWith("<")) return undefined;
  try {
    return errorIn(parseXml(text));
  } catch {
    return undefined; // a proxy's page: the status is all there is
  }
}

function errorIn(root: XmlElement): S3Error | undefined {
  if (root.name !== "Error") return undefined;
  return { code: textIn(root, "Code") ?? "", message: textIn(root, "Message") ?? "" };
}

/** The object is known not to be there. 404 alone does not say so: it is the answer about a missing bucket too, and of some servers about an unknown user. */
export function saysMissing(answer: BulkResponse): boolean {
  return answer.status === 404 && errorOf(answer)?.code === "NoSuchKey";
}

/** `what` was asked: "get shard/… from volume a". */
export function failureOf(answer: BulkResponse, what: string): HoldfastError {
  const error = errorOf(answer);
  return markRetryAfter(faultOf(error, answer.status, what), retryAfterIn(answer));
}

/** Milliseconds; 0 where nothing is said. */
export function retryAfterIn({ headers }: BulkResponse): number {
  return 1000 * Number(/^\d{1,4}$/.exec(headers.get("retry-after") ?? "")?.[0] ?? 0);
}

export function faultOf(error: S3Error | undefined, status: number, what: string): HoldfastError {
  const code = codes[error?.code ?? ""] ?? statuses[status] ?? "VOLUME_UNREACHABLE";
  const said = error?.code ? ` ${error.code}${error.message && `: ${error.message}`}` : "";
  const next = advice[code];
  return fault(code, `${what}: the answer is ${status}${said}`, next === undefined ? {} : { advice: next });
}
