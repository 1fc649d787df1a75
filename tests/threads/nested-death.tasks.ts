/**
 * Workers that start workers, for nested-death.test.ts: each holds blocks, and waits to be ended.
 */
import { Worker } from "node:worker_threads";
import { System, type Ticket } from "lookaside";
import { type CrewTask, startCrew } from "../support/crew.js";

export interface Lineage {
  readonly ticket: Ticket;
  /** Threads below this one, one below the other. */
  readonly below: number;
  /** Whether threads watch those that they start. */
  readonly watches: boolean;
  /** How the first of them ends: by itself, or by the test. */
  readonly ending: "waits" | "exits" | "throws";
}

export const LIST = { tag: "Nest", size: 64, maximumDepth: 20, batch: 4 } as const;

const tasks = new URL("./nested-death.tasks.js", import.meta.url);

/** Parks one block and holds ten, here and in all threads below; raises gate 0 when all of them do. */
export const hold: CrewTask<Lineage, void> = async ({ data, gates }) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  const blocks = Array.from({ length: 11 }, () => list.allocate());
  blocks.pop()?.free();
  if (data.below > 0) {
    const orders: Lineage = { ...data, ticket: system.ticket(), below: data.below - 1 };
    const inner = startCrew<typeof hold>(tasks, {
      threads: 1,
      run: "hold",
      data: { ...orders, ending: "waits" },
    });
    const [worker] = inner.workers;
    if (data.watches && worker !== undefined) void system.watch(worker);
    await inner.gates.reached(0);
  }
  gates.raise(0);
  if (data.ending === "exits") process.exit(3);
  if (data.ending === "throws") throw new Error("a worker that fails");
  gates.wait(1); // ended here, blocked
};

/** What a forwarded ticket comes with: who made it is not who starts the worker. */
export interface Forwarding {
  readonly ticket: Ticket;
  readonly made: SharedArrayBuffer;
}

/** Attaches and posts a ticket of its own to whoever started it, then waits to be ended. */
export const makeTicket: CrewTask<{ readonly ticket: Ticket }, Ticket> = ({ data }) =>
  System.attach(data.ticket).ticket();

/** Attaches a worker of this thread, which has not attached itself and never will. */
export const bystand: CrewTask<Lineage, void> = async ({ data, gates }) => {
  const inner = startCrew<typeof hold>(tasks, { threads: 1, run: "hold", data });
  await inner.gates.reached(0);
  gates.raise(0);
  gates.wait(1); // ended here, blocked
};

/** Starts a worker that does nothing, and ends at once. */
export const nothing: CrewTask<undefined, void> = () => {
  new Worker("0", { eval: true });
};
