/**
 * The ways to compare with: each piece is read into a buffer of its own, which then goes as a message.
 *
 * A copied one stays the reader's garbage, and its clone becomes that of the hashing thread; a transferred
 * one becomes garbage there. The window is that of a channel, kept by counting answers.
 */
import { Worker } from "node:worker_threads";
import type { Answer } from "./answer.js";
import { Bell } from "./bell.js";
import { CAPACITY, PIECE_BYTES_MAX } from "./lists.js";
import type { Parcel } from "./message-hasher.js";
import type { Piece } from "./piece.js";
import type { Lane, Room, Way } from "./way.js";

/** How a message carries bytes. */
export type Carriage = "copied" | "transferred";

/** Where a piece is read to: a buffer of its own. */
interface BufferRoom extends Room {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The way to one hashing thread. */
class MessageLane implements Lane<BufferRoom> {
  garbageBytes = 0;
  readonly #worker: Worker;
  readonly #carriage: Carriage;
  readonly #signal: AbortSignal;
  readonly #bell = new Bell();
  #piecesOut = 0;

  constructor(worker: Worker, carriage: Carriage, signal: AbortSignal) {
    this.#worker = worker;
    this.#carriage = carriage;
    this.#signal = signal;
    worker.on("message", ({ pieces }: Answer) => {
      this.#piecesOut -= pieces;
      this.#bell.ring();
    });
    signal.addEventListener("abort", () => this.#bell.ring());
  }

  async take(_size: number, left: number): Promise<BufferRoom | null> {
    while (this.#piecesOut >= CAPACITY && !this.#signal.aborted) await this.#bell.wait();
    if (this.#signal.aborted) return null;
    const capacity = Math.min(left, PIECE_BYTES_MAX);
    this.garbageBytes += capacity;
    return { bytes: new Uint8Array(capacity), offset: 0, capacity };
  }

  async send({ bytes }: BufferRoom, piece: Piece): Promise<void> {
    const parcel: Parcel = { piece, bytes };
    this.#piecesOut++;
    if (this.#carriage === "transferred") {
      this.#worker.postMessage(parcel, [bytes.buffer]);
    } else {
      this.#worker.postMessage(parcel);
      this.garbageBytes += bytes.length; // the clone
    }
  }

  giveBack(): void {
    // The garbage collector will find it.
  }
}

/** Messages. */
export class MessageWay implements Way {
  readonly workers: readonly Worker[];
  readonly lanes: readonly MessageLane[];

  constructor(carriage: Carriage, threads: number, signal: AbortSignal) {
    this.workers = Array.from({ length: threads }, () => {
      return new Worker(new URL("./message-hasher.js", import.meta.url));
    });
    this.lanes = this.workers.map((worker) => new MessageLane(worker, carriage, signal));
  }

  get garbageBytes(): number {
    return this.lanes.reduce((bytes, lane) => bytes + lane.garbageBytes, 0);
  }

  close(): void {
    for (const worker of this.workers) worker.postMessage(null);
  }

  async settle(): Promise<void> {
    // Nothing is shared.
  }
}
