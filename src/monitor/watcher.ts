/**
 * What the streams of a monitor send: takes the snapshots, keeps the event log, paces the walks over all
 * blocks.
 *
 * A snapshot costs microseconds for each list; the walk costs 3 ns for each block, which is nothing for a
 * few slabs and much for gigabytes. So a walk is repeated after two seconds at the earliest, and never
 * sooner than fifty times what it took: at most a fiftieth of the thread that serves.
 */
import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { CHUNK_BYTES } from "../base/index.js";
import type { System } from "../system/index.js";
import { EventLog } from "./event-log.js";
import { eventText, type Messages } from "./event-stream.js";
import { frameOf, memoryFrameOf } from "./frame.js";

const WALK_EVERY_MS = 2_000;
const WALK_SHARE = 1 / 50;

/** One monitor's eyes. */
export class Watcher implements Messages {
  readonly #system: System;
  readonly #title: string;
  readonly #periodMs: number;
  readonly #log: EventLog;
  /** What each client was sent last: number of its last entry of the log, and the runs of the memory. */
  readonly #sentLog = new WeakMap<ServerResponse, number>();
  readonly #sentMemory = new WeakMap<ServerResponse, string>();
  #memoryText = "";
  #nextWalkAt = 0;

  constructor(system: System, title: string, periodMs: number) {
    this.#system = system;
    this.#title = title;
    this.#periodMs = periodMs;
    this.#log = new EventLog(system);
  }

  /** The frame of now; and, when its time has come, a walk for {@link Watcher.own}. */
  shared(): string {
    try {
      return this.#look();
    } catch (error) {
      // This runs in a timer of a program that has other things to do: say it to who watches.
      return eventText("failure", { message: error instanceof Error ? error.message : "unknown" });
    }
  }

  /** New entries of the log, and the memory, as far as this client has not seen them. */
  own(client: ServerResponse): string {
    const entries = this.#log.after(this.#sentLog.get(client) ?? 0);
    this.#sentLog.set(client, this.#log.lastId);
    const log = entries.length === 0 ? "" : eventText("log", entries);
    if (this.#sentMemory.get(client) === this.#memoryText) return log;
    this.#sentMemory.set(client, this.#memoryText);
    return log + this.#memoryText;
  }

  close(): void {
    this.#log.close();
  }

  #look(): string {
    const began = performance.now();
    const walks = began >= this.#nextWalkAt;
    const snapshot = this.#system.snapshot({ blocks: walks });
    const snapshotMs = performance.now() - began;
    this.#log.look(snapshot);
    if (snapshot.blocks !== null) {
      this.#nextWalkAt = began + Math.max(WALK_EVERY_MS, snapshotMs / WALK_SHARE);
      const memory = memoryFrameOf(snapshot, snapshot.blocks, CHUNK_BYTES, snapshotMs);
      this.#memoryText = eventText("memory", memory);
    }
    const context = { title: this.#title, periodMs: this.#periodMs, snapshotMs };
    return eventText("frame", frameOf(snapshot, context));
  }
}
