/**
 * The stream from the server: opened, paused, lost and found again.
 *
 * States, and who brings them about:
 *
 *   connecting ──first message──► live ──pause()──► paused ──resume()──► connecting
 *        ▲                         │ ▲
 *        │                  silence│ │message
 *        │                         ▼ │
 *        └───── waiting ◄──error── stalled           `waiting` ends by itself, sooner or later
 *
 * The browser's own reconnection gives up after an answer that is no stream; so each stream is used once, and
 * a new one is made after a pause that doubles from one second to fifteen.
 */

/** What the page says of its stream. */
export type ConnectionState = "connecting" | "live" | "stalled" | "waiting" | "paused";

/** What is told of it. */
export interface ConnectionListener {
  state(state: ConnectionState, retryMs: number): void;
  message(name: string, data: unknown): void;
}

/** The part of `EventSource` that is used; tests have one of their own. */
export interface SourceLike {
  onerror: ((event: never) => void) | null;
  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

/** Clock and stream of the host; tests have their own. */
export interface ConnectionHost {
  open(): SourceLike;
  /** Runs a function later. Gives back what takes it off. */
  later(action: () => void, milliseconds: number): () => void;
}

/** Messages that the server sends. */
export const MESSAGE_NAMES = ["frame", "log", "memory", "failure", "end"] as const;

const [RETRY_FIRST_MS, RETRY_LAST_MS] = [1_000, 15_000] as const;

/** How long to wait before a try. */
export function retryAfter(failures: number): number {
  return Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** Math.max(0, failures - 1));
}

/** One page's connection. */
export class Connection {
  readonly #host: ConnectionHost;
  readonly #listener: ConnectionListener;
  #source: SourceLike | null = null;
  #state: ConnectionState = "connecting";
  #failures = 0;
  #silentMs = 5_000;
  #cancelRetry = (): void => {};
  #cancelSilence = (): void => {};

  constructor(host: ConnectionHost, listener: ConnectionListener) {
    this.#host = host;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How long the server may say nothing before it counts as stalled. */
  expectEvery(periodMs: number): void {
    this.#silentMs = 3 * periodMs + 2_000;
  }

  /** Opens a stream, in whatever state. */
  open(): void {
    this.#drop();
    this.#tell("connecting", 0);
    const source = this.#host.open();
    this.#source = source;
    source.onerror = () => this.#lost(source);
    for (const name of MESSAGE_NAMES) {
      source.addEventListener(name, ({ data }) => this.#heard(source, name, data));
    }
    this.#watchSilence(source);
  }

  /** Closes the stream: the server takes no snapshot for this page any more. */
  pause(): void {
    this.#drop();
    this.#failures = 0;
    this.#tell("paused", 0);
  }

  #heard(source: SourceLike, name: string, data: string): void {
    if (source !== this.#source) return;
    if (name === "end") {
      this.#lost(source);
      return;
    }
    this.#failures = 0;
    this.#watchSilence(source);
    if (this.#state !== "live") this.#tell("live", 0);
    this.#listener.message(name, JSON.parse(data));
  }

  #lost(source: SourceLike): void {
    if (source !== this.#source) return;
    this.#drop();
    this.#failures++;
    const retryMs = retryAfter(this.#failures);
    this.#cancelRetry = this.#host.later(() => this.open(), retryMs);
    this.#tell("waiting", retryMs);
  }

  #watchSilence(source: SourceLike): void {
    this.#cancelSilence();
    this.#cancelSilence = this.#host.later(() => {
      if (source === this.#source && this.#state === "live") this.#tell("stalled", 0);
    }, this.#silentMs);
  }

  #drop(): void {
    this.#cancelRetry();
    this.#cancelSilence();
    this.#source?.close();
    this.#source = null;
  }

  #tell(state: ConnectionState, retryMs: number): void {
    this.#state = state;
    this.#listener.state(state, retryMs);
  }
}
