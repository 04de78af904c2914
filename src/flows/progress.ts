/** What a flow reports while it goes on: the step, and how far it is where that can be known. */
export interface ProgressEvent {
  readonly step: string;
  /** Of `total`; both 0 where the step has no measure. */
  readonly bytes: number;
  readonly total: number;
}
export type Progress = (event: ProgressEvent) => void;
