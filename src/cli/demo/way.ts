/**
 * A way: how pieces of files get from the reading thread to the hashing threads.
 *
 * The demo's own way is blocks through channels (block-way.ts). The others, by messages (message-way.ts), are
 * there to be compared with it. Reader, order of work, window and hashing are the same for all.
 */
import type { Worker } from "node:worker_threads";
import type { Piece } from "./piece.js";

/** Where the next piece of a file is read to. */
export interface Room {
  readonly bytes: Uint8Array;
  /** Where in `bytes` it begins. */
  readonly offset: number;
  /** Bytes that there is room for. */
  readonly capacity: number;
}

/** The way to one hashing thread. */
export interface Lane<R extends Room = Room> {
  /**
   * Room for the next piece of a file of `size` bytes, of which `left` are to come. Waits for it; null when
   * the run is over.
   */
  take(size: number, left: number): Promise<R | null>;
  /** Hands over a piece that was read; waits while too many are under way. */
  send(room: R, piece: Piece): Promise<void>;
  /** Gives back room that was not used. */
  giveBack(room: R): void;
}

/** A way to all of them, for one pass over the files. */
export interface Way {
  readonly workers: readonly Worker[];
  /** One for each worker. */
  readonly lanes: readonly Lane[];
  /** Bytes of ArrayBuffers that were made for pieces: garbage as soon as they are hashed. */
  readonly garbageBytes: number;
  /** Nothing more will be sent: the threads finish and end by themselves. */
  close(): void;
  /** Cleans up after all threads have ended. */
  settle(): Promise<void>;
}

/** Makes a way for a number of hashing threads. When the signal is aborted, every wait ends. */
export type WayMaker<W extends Way = Way> = (threads: number, signal: AbortSignal) => W;
