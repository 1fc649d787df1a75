/** How one test ended: what a context tells the program that drives the browser. */
export interface Case {
  readonly file: string;
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly message?: string;
}
