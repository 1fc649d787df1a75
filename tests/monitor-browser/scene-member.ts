/** Another thread of the scene: uses two of the lists, and holds a few blocks as long as it lives. */
import { parentPort, workerData } from "node:worker_threads";
import { type Block, System, type Ticket } from "lookaside";

/** What a member is started with. */
export interface MemberData {
  readonly ticket: Ticket;
  readonly seed: number;
}

const { ticket, seed } = workerData as MemberData;
const system = System.attach(ticket);
const frames = system.blockList({ tag: "Fram", name: "frames", size: 1536, maximumDepth: 512 });
const packets = system.blockList({ tag: "Pkt ", name: "packets", size: 256, maximumDepth: 512 });

const held: (Block | null)[] = Array.from({ length: 12 * seed }, () => frames.allocate());
let steps = 0;
setInterval(() => {
  steps++;
  const burst = 40 + 30 * Math.round(Math.sin(steps * 0.3 * seed));
  const blocks = Array.from({ length: burst }, () => packets.allocate());
  for (const block of blocks) block?.free();
  for (let pair = 0; pair < 100 * seed; pair++) frames.allocate()?.free();
}, 50);
parentPort?.postMessage(held.length);
