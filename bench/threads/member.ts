/**
 * A thread of a crew: opens its part of the work once, then does a round for each message. When it is told
 * that there is none any more it ends its part and says so; the crew then ends the thread, for not every
 * runtime lets a worker end itself.
 */
import { parentPort, workerData } from "node:worker_threads";
import { bytesInUse } from "../garbage.js";
import { threadCpuTime } from "./cpu-time.js";
import { type CrewOrders, type Member, meetingPoint, type Part, type RoundReport } from "./part.js";

type OpenPart = (member: Member<unknown>) => Part | Promise<Part>;

if (parentPort === null) throw new Error("A member of a crew is started by a crew only");
const parent = parentPort;
const { module, open, rank, threads, data, port, board } = workerData as CrewOrders;
const words = new Int32Array(board);
const meet = meetingPoint(words, threads);
const opening = ((await import(module)) as Record<string, OpenPart>)[open];
if (opening === undefined) throw new Error(`${module} exports no ${open}`);
const part = await opening({ rank, threads, data, port, board: words, meet });

/** One round: all threads begin together. */
async function round(operations: number): Promise<RoundReport> {
  const before = bytesInUse();
  meet();
  const cpuBefore = threadCpuTime();
  const start = process.hrtime.bigint();
  const answer = part.run(operations);
  const hash = typeof answer === "number" ? answer : await answer;
  const end = process.hrtime.bigint();
  const cpuAfter = threadCpuTime();
  const cpu = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  return { hash, start, end, growth: bytesInUse() - before, cpu };
}

parent.on("message", async (operations: number | null) => {
  if (operations !== null) {
    parent.postMessage(await round(operations));
    return;
  }
  part.end?.();
  parent.postMessage("ended");
});
parent.postMessage("ready");
