/**
 * The hashing threads of a run: started together, watched, ended together.
 *
 * A thread that ends before it was told to is a failure of the run: what it held is lost to this run, and
 * so are the digests it owed.
 */
import { Worker } from "node:worker_threads";
import { CommandFailed } from "../failure.js";
import { Bell } from "./bell.js";
import { Lane } from "./lane.js";
import type { Answer, Orders } from "./parcel.js";

/** What a crew tells its owner. */
export interface CrewEvents {
  answered(answer: Answer): void;
  /** Called at most once for each thread. */
  failed(error: Error): void;
}

/** The crew. */
export class Crew {
  readonly lanes: readonly Lane[];
  /** Rung at every answer: entries have come back. Also when the run ends early. */
  readonly bell = new Bell();
  readonly #exits: readonly Promise<void>[];
  #ending = false;

  constructor(threads: number, orders: Orders, events: CrewEvents) {
    this.lanes = Array.from({ length: threads }, () => {
      const url = new URL("./hasher.js", import.meta.url);
      return new Lane(new Worker(url, { workerData: orders }));
    });
    this.#exits = this.lanes.map((lane, index) => this.#watch(lane, index + 1, events));
  }

  /** Items that no thread has answered yet. */
  get itemsOut(): number {
    return this.lanes.reduce((items, lane) => items + lane.itemsOut, 0);
  }

  /** Wakes everyone who waits for room or for entries: the run is over for them. */
  release(): void {
    for (const lane of this.lanes) lane.bell.ring();
    this.bell.ring();
  }

  /** Lets the threads finish what was handed over and end by themselves; settles when all have ended. */
  async end(): Promise<void> {
    this.#ending = true;
    for (const lane of this.lanes) {
      lane.post();
      lane.worker.postMessage(null);
    }
    await Promise.all(this.#exits);
  }

  /** Ends the threads wherever they are. */
  async terminate(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.lanes.map((lane) => lane.worker.terminate()));
  }

  /** Settles when the thread has ended, in whatever way. */
  #watch(lane: Lane, number: number, events: CrewEvents): Promise<void> {
    const { worker } = lane;
    let failed = false;
    const fail = (why: string, cause?: unknown): void => {
      if (failed) return;
      failed = true;
      events.failed(new CommandFailed(`hashing thread ${number} ${why}`, { cause }));
    };
    worker.on("message", (answer: Answer) => {
      lane.answered(answer);
      events.answered(answer);
      this.bell.ring();
    });
    worker.on("error", (error: unknown) => {
      fail(`failed: ${error instanceof Error ? error.message : String(error)}`, error);
    });
    return new Promise((settle) => {
      worker.on("exit", (code) => {
        // Messages come before the exit: what is still owed now will never come.
        if (!this.#ending || (code === 0 && lane.itemsOut > 0))
          fail(`ended with code ${code} before its work was done`);
        settle();
      });
    });
  }
}
