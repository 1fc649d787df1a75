/**
 * Worker threads for a test: starts them, gives them a barrier and gates, collects what they return.
 *
 * `crew` is for tests where all members finish; `startCrew` is for tests that watch, end or outlive single
 * threads. In both, a member that fails ends the waits of all others, so that the test fails with that
 * member's error instead of hanging.
 *
 * @example
 * ```ts
 * // hammer.tasks.ts
 * export const hammer: CrewTask<Ticket, number> = ({ data, rank, barrier }) => { barrier(); return rank; };
 * // hammer.test.ts
 * const url = new URL("./hammer.tasks.js", import.meta.url);
 * const ranks = await crew<typeof hammer>(url, { threads: 2, run: "hammer", data: ticket });
 * ```
 */
import { Worker } from "node:worker_threads";
import type {
  AnyCrewTask,
  CrewOrders,
  CrewReport,
  CrewTask,
  DataOf,
  ResultOf,
} from "./crew-member.js";
import { CrewBroken, type Gates, makeSignals } from "./crew-signals.js";

export type { CrewMember, CrewTask } from "./crew-member.js";
export { CrewBroken, type Gates } from "./crew-signals.js";

/** How a crew is started. */
export type CrewOptions<Task extends AnyCrewTask> = {
  readonly threads: number;
  /** The name under which the module exports the function; "work" unless given. */
  readonly run?: string;
} & (undefined extends DataOf<Task>
  ? { readonly data?: DataOf<Task> }
  : { readonly data: DataOf<Task> });

/** How one member ended. */
export type Outcome<Result> =
  | { readonly kind: "returned"; readonly result: Result }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "terminated" };

/** A crew at work. */
export interface Crew<Result> {
  /** In the order of ranks; the event `exit` is theirs. */
  readonly workers: readonly Worker[];
  readonly gates: Gates;
  /** Settles when all threads have ended; in the order of ranks; never rejects. */
  readonly outcomes: Promise<readonly Outcome<Result>[]>;
  /** Ends a member at whatever instruction it is; settles when it has ended. */
  terminate(rank: number): Promise<void>;
}

/** Starts a crew and leaves it running. */
export function startCrew<Task extends AnyCrewTask = CrewTask>(
  module: URL,
  options: CrewOptions<Task>,
): Crew<ResultOf<Task>> {
  const { threads, run = "work", data } = options;
  const { buffer, gates, memberEnded, memberFailed } = makeSignals(threads);
  const terminated = new Set<number>();
  const workers = Array.from({ length: threads }, (_, rank) => {
    const orders: CrewOrders = { module: module.href, run, rank, threads, data, signals: buffer };
    return new Worker(new URL("./crew-thread.js", import.meta.url), { workerData: orders });
  });
  const endings = workers.map(async (worker, rank) => {
    const outcome = await outcomeOf<ResultOf<Task>>(worker, () => terminated.has(rank));
    if (outcome.kind === "failed") memberFailed();
    memberEnded();
    return outcome;
  });
  const terminate = async (rank: number): Promise<void> => {
    const worker = workers[rank];
    if (worker === undefined) throw new RangeError(`There is no member ${rank} of ${threads}`);
    terminated.add(rank);
    await worker.terminate();
  };
  const reached = (gate: number, value?: number): Promise<void> =>
    gates.reached(gate, value).catch(async (error: unknown) => {
      throw error instanceof CrewBroken ? await causeAmong(endings, error) : error;
    });
  const outcomes = Promise.all(endings);
  return { workers, gates: { ...gates, reached }, outcomes, terminate };
}

/** What the first member to fail threw; `broken` if nobody did. */
async function causeAmong<Result>(
  endings: readonly Promise<Outcome<Result>>[],
  broken: CrewBroken,
): Promise<unknown> {
  const causes = endings.map(async (ending) => {
    const outcome = await ending;
    if (outcome.kind !== "failed" || !isCause(outcome.error)) throw broken;
    return outcome.error;
  });
  return await Promise.any(causes).catch(() => broken);
}

/** Starts a crew, waits for all of it, and gives the results in the order of ranks. */
export async function crew<Task extends AnyCrewTask = CrewTask>(
  module: URL,
  options: CrewOptions<Task>,
): Promise<ResultOf<Task>[]> {
  const outcomes = await startCrew<Task>(module, options).outcomes;
  const errors = outcomes.flatMap((ending) => (ending.kind === "failed" ? [ending.error] : []));
  if (errors.length > 0) throw errors.find(isCause) ?? errors[0];
  return outcomes.flatMap((ending) => (ending.kind === "returned" ? [ending.result] : []));
}

/** Those who only waited for the one that failed say nothing about why. */
function isCause(error: unknown): boolean {
  return !(error instanceof CrewBroken);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Decided at `exit`, which every way of ending leads to and which comes after the messages. */
function outcomeOf<Result>(worker: Worker, isTerminated: () => boolean): Promise<Outcome<Result>> {
  return new Promise((settle) => {
    let outcome: Outcome<Result> | undefined;
    let broken: boolean | undefined;
    worker.on("message", (report: CrewReport) => {
      broken = report.broken;
      if (broken === undefined) outcome = { kind: "returned", result: report.result as Result };
    });
    worker.on("messageerror", (error) => {
      outcome = { kind: "failed", error };
    });
    let thrown: { readonly error: unknown } | undefined;
    worker.on("error", (error: unknown) => {
      thrown = { error };
    });
    worker.on("exit", (code) => {
      if (thrown === undefined) return settle(outcome ?? endedAlone(code, isTerminated()));
      const { error } = thrown; // the message that says what it is may come after it
      settle({ kind: "failed", error: broken ? new CrewBroken(messageOf(error)) : error });
    });
  });
}

function endedAlone<Result>(code: number, terminated: boolean): Outcome<Result> {
  if (terminated) return { kind: "terminated" };
  return { kind: "failed", error: new Error(`The thread ended with code ${code} and no result`) };
}
