/** How a format refuses a file. The reason names what is wrong in the bytes; who knows the path puts it in front (registry.ts). */
import { fault, type HoldfastError } from "../../core/errors.ts";

const advice = "Compare the file with its source, or keep it as it is: without --strict it is stored as opaque bytes.";

export function invalid(reason: string, cause?: unknown): HoldfastError {
  return fault("FORMAT_INVALID", reason, { advice, cause });
}

export function unsupported(reason: string): HoldfastError {
  return fault("FORMAT_UNSUPPORTED", reason, { advice });
}
