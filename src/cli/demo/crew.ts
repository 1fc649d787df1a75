/**
 * The hashing threads of a pass: watched from their start to their end.
 *
 * A thread that ends before it said its last word has died: the digests that it owed will not come.
 */
import type { Worker } from "node:worker_threads";
import { CommandFailed } from "../failure.js";
import type { Answer } from "./answer.js";

/** What a crew tells its owner. */
export interface CrewEvents {
  answered(answer: Answer): void;
  /** Called at most once for each thread. */
  died(why: CommandFailed): void;
}

/** The crew. */
export class Crew {
  /** Settles when all threads are ready to work, or have ended. */
  readonly ready: Promise<unknown>;
  /** Settles when all threads have ended, in whatever way. */
  readonly ended: Promise<unknown>;
  readonly #workers: readonly Worker[];
  #terminated = false;

  constructor(workers: readonly Worker[], events: CrewEvents) {
    this.#workers = workers;
    this.ready = Promise.all(workers.map(isReady));
    this.ended = Promise.all(workers.map((worker, at) => this.#watch(worker, at + 1, events)));
  }

  /** Ends the threads wherever they are; settles when they have ended. */
  async terminate(): Promise<void> {
    this.#terminated = true;
    for (const worker of this.#workers) void worker.terminate();
    await this.ended;
  }

  #watch(worker: Worker, number: number, events: CrewEvents): Promise<void> {
    let isOver = false;
    const fail = (why: string, cause?: unknown): void => {
      if (isOver || this.#terminated) return;
      isOver = true;
      events.died(new CommandFailed(`hashing thread ${number} ${why}`, { cause }));
    };
    worker.on("message", (answer: Answer) => {
      events.answered(answer);
      if (answer.isEnd) isOver = true;
    });
    worker.on("error", (error: unknown) => {
      fail(`failed: ${error instanceof Error ? error.message : String(error)}`, error);
    });
    return new Promise((settle) => {
      worker.on("exit", (code) => {
        // Messages come before the exit: what was not said by now will never be.
        fail(`ended with code ${code} before its work was done`);
        settle();
      });
    });
  }
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((settle) => {
    worker.once("message", () => settle());
    worker.once("exit", () => settle());
  });
}
