/**
 * What a hashing thread runs when pieces come as messages: for comparison with block-hasher.ts.
 */
import { parentPort } from "node:worker_threads";
import { Answers } from "./answer.js";
import { FileHasher } from "./file-hasher.js";
import type { Piece } from "./piece.js";

/** A piece in a message; null ends the thread. */
export interface Parcel {
  readonly piece: Piece;
  readonly bytes: Uint8Array;
}

if (parentPort === null) throw new Error("A hashing thread is started by lookaside demo only");
const port = parentPort;
const answers = new Answers(port);
const hasher = new FileHasher(answers);
let flush: NodeJS.Immediate | null = null;
port.on("message", take);

function take(parcel: Parcel | null): void {
  if (parcel === null) {
    port.off("message", take); // nothing to wait for any more
    if (flush !== null) clearImmediate(flush);
    answers.end();
    return;
  }
  hasher.update(parcel.piece, parcel.bytes.subarray(0, parcel.piece.bytes));
  answers.hashed();
  // Once for all messages that have come by now.
  flush ??= setImmediate(() => {
    flush = null;
    answers.flush();
  });
}
