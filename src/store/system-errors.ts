/** What the operating system says, where no driver has said it better: the last net before a caller would see a bare errno. */
import { type ErrorCode, fault } from "../core/errors.ts";

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "FILE_MISSING",
  ENOTDIR: "PATH_INVALID",
  EISDIR: "PATH_INVALID",
  ENAMETOOLONG: "PATH_INVALID",
  ELOOP: "PATH_INVALID",
  EACCES: "ACCESS_DENIED",
  EPERM: "ACCESS_DENIED",
  EROFS: "ACCESS_DENIED",
  ENOSPC: "VOLUME_FULL",
  EDQUOT: "VOLUME_FULL",
  EFBIG: "LIMIT_EXCEEDED",
  EMFILE: "LIMIT_EXCEEDED",
  ENFILE: "LIMIT_EXCEEDED",
  ENOMEM: "LIMIT_EXCEEDED",
  EIO: "VOLUME_UNREACHABLE",
  ESTALE: "VOLUME_UNREACHABLE",
  ETIMEDOUT: "VOLUME_UNREACHABLE",
};

/** A typed error for what the system refused; anything else as it is. */
export function asFault(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string };
  const known = typeof code === "string" && Object.hasOwn(codes, code) ? codes[code] : undefined;
  return known ? fault(known, message ?? String(code), { cause: error }) : error;
}
