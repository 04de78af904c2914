import { fault } from "../../core/errors.ts";
import { eventBytesMax } from "./events.ts";

/** Throws ARGUMENT_INVALID. */
export function requireShort(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > eventBytesMax) throw fault("ARGUMENT_INVALID", `an event of ${bytes} bytes; at most ${eventBytesMax} are told`);
}
