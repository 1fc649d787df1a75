/** What the event log is made of: shared by the server that writes it and the page that shows it. */

/** Kinds of entries, in the order in which the page offers them. */
export const LOG_KINDS = [
  "miss",
  "overflow",
  "depth",
  "failure",
  "error",
  "recovery",
  "thread",
  "list",
  "system",
] as const;

/** A kind of entry. */
export type LogKind = (typeof LOG_KINDS)[number];

/** One thing that happened, or many of one kind between two snapshots. */
export interface LogEntry {
  /** Counts up from 1 as long as the monitor lives. */
  readonly id: number;
  /** Milliseconds since 1970, and how long before it the look before this one was. */
  readonly at: number;
  readonly overMs: number;
  readonly kind: LogKind;
  /** Name of the list, or null. */
  readonly list: string | null;
  /** How often it happened. */
  readonly count: number;
  /** What happened, in plain words. It may quote names that users gave: show it as text only. */
  readonly text: string;
}
