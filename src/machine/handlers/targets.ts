/** Writing the files of a load: in parts under a temporary name, or whole when small. Durable once their folders are synced too. */
import { constants, fsyncSync, ftruncateSync, renameSync } from "node:fs";
import { withDescriptor } from "../descriptor.ts";
import type { FinishJob, PrepareJob, ReplaceJob } from "../jobs.ts";
import { bytesOf } from "../span.ts";
import { writeViews } from "../write-at.ts";

export function prepareFile(job: PrepareJob): void {
  withDescriptor(job.path, constants.O_CREAT | constants.O_WRONLY, (descriptor) => ftruncateSync(descriptor, job.bytes));
}

export function finishFile(job: FinishJob): void {
  withDescriptor(job.temporary, constants.O_WRONLY, fsyncSync);
  renameSync(job.temporary, job.path);
}

export function replaceFiles(job: ReplaceJob): void {
  for (const { path, temporary, from } of job.files) {
    withDescriptor(temporary, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY, (descriptor) => {
      writeViews(temporary, descriptor, 0, [bytesOf(from)]);
      fsyncSync(descriptor);
    });
    renameSync(temporary, path);
  }
}
