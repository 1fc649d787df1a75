/**
 * What a hashing thread runs: takes parcels, hashes what lies at the addresses, frees the entries.
 *
 * An entry is freed right after its bytes have gone into the hash, by the documented free routine of its
 * list: from then on the main thread may be given it again. The thread ends by itself after null.
 */
import { createHash, type Hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { boot, shutdown, touch } from "../../wdk/index.js";
import { freeEntry } from "./entry-lists.js";
import { ABANDON, type Answer, FINISH, ITEM_WORDS, type Orders, type Parcel } from "./parcel.js";

/** The file that is being hashed. */
interface Current {
  readonly file: number;
  readonly hash: Hash;
  bytes: number;
}

let current: Current | null = null;

function currentFor(file: number): Current {
  current ??= { file, hash: createHash("sha256"), bytes: 0 };
  if (current.file !== file) throw new Error(`file ${file} came before file ${current.file} ended`);
  return current;
}

function work(parcel: Uint32Array, descriptors: readonly number[]): Answer {
  const files: number[] = [];
  const digests: string[] = [];
  let bytesFinished = 0;
  for (let at = 0; at < parcel.length; at += ITEM_WORDS) {
    const file = parcel[at] as number;
    const list = parcel[at + 1] as number;
    const address = parcel[at + 2] as number;
    const bytes = parcel[at + 3] as number;
    const state = currentFor(file);
    if (list === FINISH) {
      files.push(file);
      digests.push(state.hash.digest("hex"));
      bytesFinished += state.bytes;
    }
    if (list === FINISH || list === ABANDON) {
      current = null;
      continue;
    }
    state.hash.update(touch(address, bytes));
    state.bytes += bytes;
    freeEntry(descriptors, list, address);
  }
  return { items: parcel.length / ITEM_WORDS, files, digests, bytes: bytesFinished };
}

if (parentPort === null) throw new Error("A hashing thread is started by lookaside demo only");
const port = parentPort;
const { ticket, descriptors } = workerData as Orders;
boot(ticket);
port.on("message", hash);

function hash(parcel: Parcel): void {
  if (parcel === null) {
    shutdown();
    port.off("message", hash); // nothing to wait for any more; not every runtime's port can be closed
    return;
  }
  port.postMessage(work(parcel, descriptors));
}
