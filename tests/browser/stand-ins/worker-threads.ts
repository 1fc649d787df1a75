/**
 * `node:worker_threads` on web workers: so much that tests with crews of threads run in a page.
 *
 * ```
 *   new Worker(module)  ──►  web worker of thread.ts  ──►  import(module)
 *      message, error, exit  ◄──  posted envelopes  ◄──  parentPort, the end of the module
 * ```
 *
 * A thread that is terminated says nothing: its `exit` is told by the one who asked for the end, and is no
 * proof that it has ended. Tests that need the proof are of another kind (Web Locks).
 */

import { EventEmitter } from "./events.js";

/** What a worker is started with. */
export interface Start {
  readonly module: string;
  readonly workerData: unknown;
  readonly threadId: number;
}

interface Options {
  readonly workerData?: unknown;
  readonly eval?: boolean;
}

/** What a worker tells its parent. */
export type Envelope =
  | { readonly kind: "message"; readonly data: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "exit"; readonly code: number };

export let workerData: unknown;
export let threadId = 0;
export let isMainThread = true;
export let parentPort: ParentPort | null = null;

/** The port of a worker to its parent. */
export class ParentPort extends EventEmitter {
  postMessage(data: unknown): void {
    tell({ kind: "message", data });
  }

  ref(): void {}

  unref(): void {}
}

/** Tells the parent. Nothing is said after `exit`. */
export function tell(envelope: Envelope): void {
  globalThis.postMessage(envelope);
}

/** Makes this web worker a thread. For thread.ts. */
export function enter(start: Start): ParentPort {
  ({ workerData, threadId } = start);
  isMainThread = false;
  nextThreadId = threadId * 100;
  parentPort = new ParentPort();
  return parentPort;
}

let nextThreadId = 0;

/** A thread. */
export class Worker extends EventEmitter {
  threadId: number;
  readonly #worker: globalThis.Worker;
  readonly #ended: Promise<number>;

  constructor(module: URL | string, options: Options = {}) {
    super();
    this.threadId = ++nextThreadId;
    this.#worker = new globalThis.Worker(new URL("./thread.js", import.meta.url), {
      type: "module",
    });
    this.#ended = new Promise((resolve) => {
      this.once("exit", resolve);
    });
    this.#worker.onmessage = ({ data }: MessageEvent<Envelope>) => this.#told(data);
    this.#worker.onerror = (event) => {
      this.emit("error", new Error(event.message));
      this.#exit(1);
    };
    const { workerData } = options;
    const address = options.eval
      ? `data:text/javascript,${encodeURIComponent(`${module}`)}`
      : module;
    const start: Start = { module: String(address), workerData, threadId: this.threadId };
    this.#worker.postMessage(start);
  }

  postMessage(data: unknown): void {
    this.#worker.postMessage({ data });
  }

  terminate(): Promise<number> {
    this.#exit(1);
    return this.#ended;
  }

  ref(): void {}

  unref(): void {}

  #told(envelope: Envelope): void {
    if (this.threadId < 0) return;
    if (envelope.kind === "message") this.emit("message", envelope.data);
    else if (envelope.kind === "error") this.emit("error", envelope.error);
    else this.#exit(envelope.code);
  }

  #exit(code: number): void {
    if (this.threadId < 0) return;
    this.#worker.terminate();
    this.threadId = -1;
    this.emit("exit", code);
  }
}
