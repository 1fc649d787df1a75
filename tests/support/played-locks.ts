/**
 * A lock manager as the Web Locks specification has it, for threads that a test plays: exclusive locks,
 * first come first served, released when the callback's promise settles or its thread ends.
 *
 * Nothing of a thread that has ended runs any more: its callbacks are never called.
 */
import type { LockManagerLike } from "lookaside";

interface Request {
  readonly name: string;
  readonly thread: PlayedThread;
  readonly callback: (lock: unknown) => unknown;
  readonly settle: (result: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** What one thread of the host sees of its lock manager. */
export class PlayedThread implements LockManagerLike {
  readonly #host: PlayedLocks;
  ended = false;
  /** While true, what this thread asks for is not looked at yet. */
  delayed = false;

  constructor(host: PlayedLocks) {
    this.#host = host;
  }

  request: LockManagerLike["request"] = (name, options, callback) =>
    new Promise((settle, fail) => {
      this.#host.enqueue({ name, thread: this, callback, settle, fail }, options);
    });

  /** Ends this thread at once: it releases what it holds, and asks for nothing any more. */
  end(): void {
    this.ended = true;
    this.#host.turn();
  }

  /** Lets the host look at what this thread asked for. */
  goOn(): void {
    this.delayed = false;
    this.#host.turn();
  }
}

/** The locks of one host. */
export class PlayedLocks {
  readonly #held = new Map<string, Request>();
  #queue: Request[] = [];

  thread(): PlayedThread {
    return new PlayedThread(this);
  }

  /** Names that are held, and those that are asked for. */
  get held(): string[] {
    return [...this.#held.keys()];
  }

  get pending(): string[] {
    return this.#queue.map(({ name }) => name);
  }

  /** For played threads. */
  enqueue(request: Request, options: Parameters<LockManagerLike["request"]>[1]): void {
    const { signal } = options;
    if (options.ifAvailable) {
      const taken = this.#held.has(request.name) || this.pending.includes(request.name);
      queueMicrotask(() => this.#call(request, taken ? null : { name: request.name }));
      return;
    }
    signal?.addEventListener("abort", () => {
      if (!this.#queue.includes(request)) return;
      this.#queue = this.#queue.filter((other) => other !== request);
      request.fail(signal.reason);
    });
    this.#queue.push(request);
    this.turn();
  }

  /** Looks at the queue, later: nothing is granted within a call. */
  turn(): void {
    queueMicrotask(() => this.#grant());
  }

  #grant(): void {
    for (const [name, { thread }] of this.#held) if (thread.ended) this.#held.delete(name);
    this.#queue = this.#queue.filter(({ thread }) => !thread.ended);
    const blocked = new Set(this.#held.keys());
    for (const request of [...this.#queue]) {
      if (request.thread.delayed || blocked.has(request.name)) continue;
      blocked.add(request.name);
      this.#queue = this.#queue.filter((other) => other !== request);
      this.#held.set(request.name, request);
      void this.#run(request);
    }
  }

  async #run(request: Request): Promise<void> {
    await this.#call(request, { name: request.name });
    if (this.#held.get(request.name) === request) this.#held.delete(request.name);
    this.turn();
  }

  async #call(request: Request, lock: unknown): Promise<void> {
    if (request.thread.ended) return;
    try {
      request.settle(await request.callback(lock));
    } catch (error) {
      request.fail(error);
    }
  }
}

/** Waits until the host has done all that it can. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
