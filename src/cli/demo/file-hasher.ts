/**
 * Hashes files that come in pieces, one file after the other.
 *
 * A first piece begins a file. If another file was not finished then, it could not be read to its end or
 * changed meanwhile: what was hashed of it is worth nothing, and nobody waits for it.
 */
import { createHash, type Hash } from "node:crypto";
import type { Answers } from "./answer.js";
import type { Piece } from "./piece.js";

/** The file that is being hashed. */
interface Current {
  readonly file: number;
  readonly hash: Hash;
  pieces: number;
  bytes: number;
}

/** Hashes what comes one way. */
export class FileHasher {
  readonly #answers: Answers;
  #current: Current | null = null;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  /** Hashes the next piece. */
  update(piece: Piece, bytes: Uint8Array): void {
    const current = this.#currentFor(piece);
    current.hash.update(bytes);
    current.pieces++;
    current.bytes += bytes.length;
    if (piece.isLast) {
      this.#answers.finished(current.file, current.hash.digest("hex"), current.bytes);
      this.#current = null;
    }
  }

  #currentFor({ file, number }: Piece): Current {
    if (number === 0) {
      this.#current = { file, hash: createHash("sha256"), pieces: 0, bytes: 0 };
    }
    const current = this.#current;
    if (current?.file !== file || current.pieces !== number)
      throw new Error(`piece ${number} of file ${file} came out of order`);
    return current;
  }
}
