/**
 * The worker thread of the doctor's trial: takes over a block and frees it, takes another and ends with it.
 */
import { workerData } from "node:worker_threads";
import { System, type Ticket } from "../../system/index.js";
import { TRIAL_BYTE, type TrialData } from "./trial.js";

const { ticket, handle } = workerData as TrialData;
const system = System.attach(ticket as Ticket);
const list = system.blockList({ tag: "Doct", size: 64, maximumDepth: 4 });
const block = list.adopt(handle as Parameters<typeof list.adopt>[0]);
block.bytes[0] = TRIAL_BYTE;
block.free();
list.allocate();
// Without detaching: what it holds is for whoever watches it.
process.exit();
