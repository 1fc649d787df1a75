/**
 * Runs the documents' own example as a driver in C, in two worker threads at once, and shows what the system
 * knows of its list; then the same driver in TypeScript.
 *
 *   npm run build && node build/examples/driver/main.js
 */
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Guest, loadGuest } from "lookaside/guest";
import { boot, memory, reportLookaside, shutdown, type Ticket, ticket } from "lookaside/wdk";
import { compileGuest } from "../../tools/compile-guest.js";
import { loadTypeScriptDriver, MY_PRIVATE_DATA } from "./driver.js";

const ROUNDS = 10_000;
const BURST = 6;

/** The functions of driver.c. */
interface Driver {
  start(): number;
  work(context: number, rounds: number, burst: number): number;
  stop(context: number): void;
}

interface Orders {
  readonly ticket: Ticket;
  readonly module: WebAssembly.Module;
  readonly context: number;
}

function load(module: WebAssembly.Module): Promise<Guest<Driver>> {
  return loadGuest<Driver>(module, {
    name: "driver",
    print: (text) => process.stdout.write(text),
  });
}

function show(language: string, context: number): void {
  const words = new Int32Array(memory().buffer, context, 2);
  console.log(`\n${language}: ${words[0]} entries from the pool now, ${words[1]} given back`);
  console.log(reportLookaside(context + MY_PRIVATE_DATA.LookasideField));
}

async function main(): Promise<void> {
  const source = new URL("../../../examples/driver/driver.c", import.meta.url);
  const module = await WebAssembly.compile(
    await compileGuest("driver", readFileSync(source, "utf8")),
  );
  boot();
  const { functions } = await load(module);
  const context = functions.start();
  const workers = [1, 2].map(() => {
    const orders: Orders = { ticket: ticket(), module, context };
    return new Worker(new URL(import.meta.url), { workerData: orders });
  });
  await Promise.all(
    workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve))),
  );
  show("C, two threads", context);
  functions.stop(context);

  const driver = loadTypeScriptDriver();
  const second = driver.start();
  driver.work(second, 2 * ROUNDS, BURST);
  show("TypeScript, one thread", second);
  driver.stop(second);
  shutdown();
}

async function work({ ticket: system, module, context }: Orders): Promise<void> {
  boot(system);
  const guest = await load(module); // the same module under the same name: the same driver
  guest.functions.work(context, ROUNDS, BURST);
  shutdown();
  parentPort?.close();
}

await (isMainThread ? main() : work(workerData as Orders));
