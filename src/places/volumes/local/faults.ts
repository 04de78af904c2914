/** What an operating system error means for a volume. ENOENT is not here: whether an object or the volume is missing has to be looked at. */
import { type ErrorCode, fault } from "../../../core/errors.ts";
import { errnoOf } from "../../../machine/file-io.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "VOLUME_FULL",
  EDQUOT: "VOLUME_FULL",
  EACCES: "ACCESS_DENIED",
  EPERM: "ACCESS_DENIED",
  EROFS: "ACCESS_DENIED",
  EEXIST: "OBJECT_EXISTS",
  EFBIG: "LIMIT_EXCEEDED",
};

const advice = {
  VOLUME_FULL: "Free space on the volume, or add another one with `holdfast volumes add`.",
  ACCESS_DENIED: "Check who owns the folder of the volume and whether it is mounted read-only.",
  VOLUME_UNREACHABLE: "Check the disk and its mount; the other replicas are used until it answers again.",
} as const;

export function adviceFor(code: keyof typeof advice): string {
  return advice[code];
}

export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

/** What reading a folder or a pipe answers. */
export function isNoFile(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "EISDIR" || errno === "ESPIPE";
}

/** Errors that are none of the operating system's are given back as they are. */
export function faultOf(error: unknown, what: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const code = codes[errno] ?? "VOLUME_UNREACHABLE";
  return fault(code, `${what}: ${errno}`, code in advice ? { cause: error, advice: adviceFor(code as keyof typeof advice) } : { cause: error });
}
