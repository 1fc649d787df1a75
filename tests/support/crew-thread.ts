/**
 * What every thread of a crew starts with: loads the module it was told, runs the function, posts the result.
 *
 * A failure is left to end the thread, since that carries the error to the starting thread whole; but the
 * other members are told at once, for the starting thread may itself be waiting.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { CrewMember, CrewOrders, CrewReport } from "./crew-member.js";
import { CrewBroken, signalsOf } from "./crew-signals.js";

const { module, run, rank, threads, data, signals } = workerData as CrewOrders;
const { gates, barrier, memberFailed } = signalsOf(signals);

try {
  const exported = (await import(module)) as Record<string, unknown>;
  const task = exported[run];
  if (typeof task !== "function") throw new TypeError(`${module} exports no function "${run}"`);
  const member: CrewMember<unknown> = { rank, threads, data, gates, barrier };
  const report: CrewReport = { result: await task(member) };
  parentPort?.postMessage(report);
} catch (error) {
  memberFailed();
  // An error that leaves a thread keeps its class and name on Node alone: this one must be known again.
  const report: CrewReport = { result: undefined, broken: error instanceof CrewBroken };
  parentPort?.postMessage(report);
  throw error;
}
