/**
 * What a hashing thread of the demo runs: receives blocks, hashes what is in them, frees them.
 *
 * It serves its channels side by side: each has files of its own, so what waits for one holds up no other.
 * When all are closed and drained it leaves the system and ends by itself.
 */
import { parentPort, workerData } from "node:worker_threads";
import { System, type Ticket } from "../../system/index.js";
import { Answers } from "./answer.js";
import { FileHasher } from "./file-hasher.js";
import { type DemoChannel, openChannels, openLists } from "./lists.js";
import { HEADER_BYTES, readPiece } from "./piece.js";

/** What a hashing thread is started with. */
export interface BlockOrders {
  readonly ticket: Ticket;
  /** Its number: 1 for the first. */
  readonly thread: number;
  readonly maximumDepth: number;
}

if (parentPort === null) throw new Error("A hashing thread is started by lookaside demo only");
const { ticket, thread, maximumDepth } = workerData as BlockOrders;
const system = System.attach(ticket);
const channels = openChannels(system, openLists(system, maximumDepth), thread);
const answers = new Answers(parentPort);
await Promise.all(channels.map(serve));
answers.end();
system.detach();

async function serve(channel: DemoChannel): Promise<void> {
  const hasher = new FileHasher(answers);
  for (;;) {
    const block = channel.receive() ?? (await nextOf(channel));
    if (block === null) return;
    const piece = readPiece(block);
    hasher.update(piece, block.buffer.subarray(HEADER_BYTES, HEADER_BYTES + piece.bytes));
    block.free();
    answers.hashed();
  }
}

/** Waits for the next block; null when none will come. */
function nextOf(channel: DemoChannel): ReturnType<DemoChannel["receiveAsync"]> {
  answers.flush();
  return channel.receiveAsync();
}
