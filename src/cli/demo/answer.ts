/**
 * What a hashing thread says: digests, many at a time, since a message costs more than a small file.
 */
import type { MessagePort } from "node:worker_threads";

/** One message of a hashing thread. Its first comes when it is ready to work. */
export interface Answer {
  /** Pieces that were hashed since the last one. */
  readonly pieces: number;
  /** Files that were finished, and their digests in hexadecimal. */
  readonly files: readonly number[];
  readonly digests: readonly string[];
  /** Their bytes together. */
  readonly bytes: number;
  /** Whether the thread has done all its work and is about to end. */
  readonly isEnd: boolean;
}

/** Pieces after which an answer is due: few enough that a reader who waits for room finds some in time. */
const PIECES_MAX = 16;

/** The answers of one hashing thread. */
export class Answers {
  readonly #port: MessagePort;
  #pieces = 0;
  #files: number[] = [];
  #digests: string[] = [];
  #bytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#post(false);
  }

  /** Notes a piece. */
  hashed(): void {
    this.#pieces++;
    if (this.#pieces >= PIECES_MAX) this.#post(false);
  }

  /** Notes a file that was finished. */
  finished(file: number, digest: string, bytes: number): void {
    this.#files.push(file);
    this.#digests.push(digest);
    this.#bytes += bytes;
  }

  /** Says what has not been said yet. Whoever is about to wait does this first. */
  flush(): void {
    if (this.#pieces > 0) this.#post(false);
  }

  /** Says the last, and that it is the last. */
  end(): void {
    this.#post(true);
  }

  #post(isEnd: boolean): void {
    const answer: Answer = {
      pieces: this.#pieces,
      files: this.#files,
      digests: this.#digests,
      bytes: this.#bytes,
      isEnd,
    };
    this.#port.postMessage(answer);
    this.#pieces = 0;
    this.#files = [];
    this.#digests = [];
    this.#bytes = 0;
  }
}
