/**
 * The other thread of hand-over.ts: sends back what asks for it, and counts the rest.
 */
import { parentPort, workerData } from "node:worker_threads";
import { System } from "lookaside";
import { BACK, ECHO, type EchoOrders, LAST, THERE } from "./channel.js";

/** Gives each value to `answer`, or counts it and gives the count at the last. */
function counter(answer: (value: number) => void): (value: number) => void {
  let count = 0;
  return (value) => {
    if (value === LAST) {
      answer(count);
      count = 0;
    } else if (value >= ECHO) answer(value);
    else count++;
  };
}

const { ticket, port } = workerData as EchoOrders;
if (ticket !== null) {
  const system = System.attach(ticket);
  const there = system.channel(THERE);
  const back = system.channel(BACK);
  const take = counter((value) => back.pushBlocking(value));
  parentPort?.postMessage("ready");
  for (let value = there.popBlocking(); value !== null; value = there.popBlocking()) take(value);
  system.detach();
} else {
  const take = counter((value) => port?.postMessage(value));
  port?.on("message", take);
  parentPort?.postMessage("ready");
}
