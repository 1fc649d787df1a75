/**
 * Server-sent events to everybody who watches: one timer, one snapshot and one text for all of them.
 *
 * Nobody watches: no timer, no snapshot. A client whose connection is full is left out until it has taken
 * what it was sent, so that at most one message for each waits in this process; when all are left out, no
 * snapshot is taken; who took nothing for half a minute is put out.
 */
import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";

/** Streams at a time. */
export const STREAMS_MAX = 32;

const FULL_AT_MOST_MS = 30_000;

/** Gives the messages of one period. */
export interface Messages {
  /** Called once a period when somebody can take it; what it gives is sent to all who can. */
  shared(): string;
  /** What one client lacks besides. */
  own(client: ServerResponse): string;
}

/** One server-sent event. */
export function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** All streams of one server. */
export class EventStream {
  readonly #periodMs: number;
  readonly #messages: Messages;
  /** Each client, and since when it is full, or 0. */
  readonly #clients = new Map<ServerResponse, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(periodMs: number, messages: Messages) {
    this.#periodMs = periodMs;
    this.#messages = messages;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= STREAMS_MAX;
  }

  /** Begins to send to a response whose head is written. */
  add(client: ServerResponse): void {
    this.#clients.set(client, 0);
    client.on("close", () => this.#remove(client));
    client.on("error", () => this.#remove(client));
    client.on("drain", () => {
      if (this.#clients.has(client)) this.#clients.set(client, 0);
    });
    this.#timer ??= this.#startTimer();
    this.#send([client]);
  }

  /** Says a last thing to all, and ends all streams. */
  close(last: string): void {
    const clients = [...this.#clients.keys()];
    for (const client of clients) this.#remove(client);
    for (const client of clients) client.end(last);
  }

  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.#tick(), this.#periodMs);
    timer.unref(); // sockets keep the program up, or are told not to
    return timer;
  }

  #remove(client: ServerResponse): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const now = performance.now();
    for (const [client, fullSince] of this.#clients) {
      if (fullSince > 0 && now - fullSince > FULL_AT_MOST_MS) client.destroy();
    }
    this.#send([...this.#clients].filter(([, fullSince]) => fullSince === 0).map(([one]) => one));
  }

  #send(clients: readonly ServerResponse[]): void {
    if (clients.length === 0) return;
    const shared = this.#messages.shared();
    for (const client of clients) {
      if (client.write(shared + this.#messages.own(client))) continue;
      if (this.#clients.has(client)) this.#clients.set(client, performance.now());
    }
  }
}
