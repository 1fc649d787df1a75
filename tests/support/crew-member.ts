/**
 * What a crew hands to the function that each of its threads runs, and what it starts a thread with.
 */
import type { Gates } from "./crew-signals.js";

/** One thread of a crew, in its own eyes. */
export interface CrewMember<Data> {
  /** 0 up to, not including, `threads`. */
  readonly rank: number;
  readonly threads: number;
  /** What the test handed over: a structured clone, shared memory stays shared. */
  readonly data: Data;
  readonly gates: Gates;
  /** Blocks until every member has arrived; may be used again at once. */
  barrier(): void;
}

/** A function that a module exports for a crew. Its result is posted, so it must be cloneable. */
export type CrewTask<Data = undefined, Result = void> = (
  member: CrewMember<Data>,
) => Result | Promise<Result>;

/** Any task: what {@link crew} takes as its type argument. */
export type AnyCrewTask = CrewTask<never, unknown>;

/** What a task is given as data. */
export type DataOf<Task extends AnyCrewTask> = Parameters<Task>[0]["data"];

/** What a task gives back. */
export type ResultOf<Task extends AnyCrewTask> = Awaited<ReturnType<Task>>;

/** What a thread of a crew is started with. */
export interface CrewOrders {
  readonly module: string;
  readonly run: string;
  readonly rank: number;
  readonly threads: number;
  readonly data: unknown;
  readonly signals: SharedArrayBuffer;
}

/** What a thread posts when its function has ended. Tasks post no messages of their own. */
export interface CrewReport {
  readonly result: unknown;
  /** Set when it failed: whether all it did was to wait for another member in vain. */
  readonly broken?: boolean;
}
