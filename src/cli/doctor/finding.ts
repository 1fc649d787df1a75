/**
 * What the doctor found out about one thing, and what it means.
 */

/**
 * `yes`: there. `no`: the library cannot run without it. `limited`: it runs, and something of it does not.
 * `fact`: neither good nor bad.
 */
export type Verdict = "yes" | "no" | "limited" | "fact";

/** One finding. */
export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  /** What there is, in a few words. */
  readonly value: string;
  /** What it means for the library. */
  readonly meaning: string;
}

/** A finding about what the library cannot do without. */
export function needed(name: string, there: boolean, value: string, meaning: string): Finding {
  return { name, verdict: there ? "yes" : "no", value, meaning };
}

/** A finding about what something of the library needs. */
export function useful(name: string, there: boolean, value: string, meaning: string): Finding {
  return { name, verdict: there ? "yes" : "limited", value, meaning };
}

/** A finding that is good to know. */
export function fact(name: string, value: string, meaning: string): Finding {
  return { name, verdict: "fact", value, meaning };
}

/** Presence in words. */
export const there = (is: boolean): string => (is ? "there" : "not there");
