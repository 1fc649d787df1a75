/**
 * The way to one hashing thread: items are collected into parcels, and only so many are on the way.
 *
 * That bound is the back-pressure: whoever reads for this lane waits when its thread is behind, so a lane
 * takes the next file when its thread is ready for it, and no memory piles up.
 */
import type { Worker } from "node:worker_threads";
import { Bell } from "./bell.js";
import type { Entry } from "./entry-lists.js";
import { ABANDON, type Answer, FINISH, ITEM_WORDS } from "./parcel.js";

/** Items of one parcel: enough that the price of a message does not show. */
const PARCEL_ITEMS = 16;

/** Items that one lane may have on the way. */
const WINDOW_ITEMS = 4 * PARCEL_ITEMS;

/** One lane. */
export class Lane {
  readonly worker: Worker;
  /** Rung when there may be room again, and when the run ends early. */
  readonly bell = new Bell();
  /** Items that have not been answered yet, those in the unfinished parcel included. */
  itemsOut = 0;
  readonly #parcel = new Uint32Array(PARCEL_ITEMS * ITEM_WORDS);
  #words = 0;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  /** Whether another item may be handed over. */
  get hasRoom(): boolean {
    return this.itemsOut < WINDOW_ITEMS;
  }

  /** Hands over the first `bytes` of an entry: from now on it belongs to the other thread. */
  hand(file: number, entry: Entry, bytes: number): void {
    this.#add(file, entry.list, entry.address, bytes);
  }

  /** Says that all bytes of a file have been handed over. */
  finish(file: number): void {
    this.#add(file, FINISH, 0, 0);
  }

  /** Says that what has been handed over of a file is worth nothing. */
  abandon(file: number): void {
    this.#add(file, ABANDON, 0, 0);
  }

  /** Sends the unfinished parcel. Whoever is about to wait does this first. */
  post(): void {
    if (this.#words === 0) return;
    this.worker.postMessage(this.#parcel.slice(0, this.#words));
    this.#words = 0;
  }

  /** Notes an answer. */
  answered(answer: Answer): void {
    this.itemsOut -= answer.items;
    this.bell.ring();
  }

  #add(file: number, list: number, address: number, bytes: number): void {
    this.#parcel.set([file, list, address, bytes], this.#words);
    this.#words += ITEM_WORDS;
    this.itemsOut++;
    if (this.#words === this.#parcel.length) this.post();
  }
}
