/** `cp -r` and `sync`: what a person does who wants a durable copy; nothing is verified. */
import { must } from "../quiet.ts";

export function copyDurably(from: string, to: string): void {
  must("sh", ["-c", 'cp -r "$1" "$2" && sync', "sh", from, to]);
}
