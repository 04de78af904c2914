/** A line that cannot be used: wrong before anything was tried. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.name = "UsageError";
    this.advice = advice;
  }
}
