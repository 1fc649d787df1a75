/**
 * Threads that do a scenario's work together: they stay alive through all rounds, each with a part of its
 * own.
 *
 * A round begins when all of them are there, and lasts until the last has ended; the main thread waits
 * meanwhile.
 */
import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Contender, Timing } from "../harness.js";
import { BOARD_WORDS, type CrewOrders, type RoundReport } from "./part.js";

/** How a crew is started. */
export interface CrewOptions {
  readonly name: string;
  readonly threads: number;
  /** The module of the part, and the name under which it exports what opens it. */
  readonly module: URL;
  readonly open: string;
  /** What every thread is given. */
  readonly data: unknown;
  /** Whether its two threads are given the two ends of a message channel. */
  readonly messages?: boolean;
  /** Whether a round lasts as long as its threads themselves ran, where the host tells. */
  readonly cpuTime?: boolean;
  expected(operations: number): number;
  /** Undoes what was set up for the crew. */
  dispose?(): void;
}

/** The next message of a worker; an error of the worker is thrown. */
async function nextMessage<Message>(worker: Worker): Promise<Message> {
  const exit = new AbortController();
  const ended = once(worker, "exit", { signal: exit.signal }).then(([code]) => {
    throw new Error(`A thread of the bench ended with code ${code}`);
  });
  ended.catch(() => {});
  try {
    const [message] = await Promise.race([once(worker, "message"), ended]);
    return message as Message;
  } finally {
    exit.abort();
  }
}

/** What a round was, by what each thread says of it. */
function timingOf(reports: readonly RoundReport[], cpuTime: boolean): Timing {
  let [hash, growth, cpu] = [0, 0, 0];
  let [start, end] = [reports[0]?.start ?? 0n, reports[0]?.end ?? 0n];
  for (const report of reports) {
    hash = (hash + report.hash) >>> 0;
    growth += report.growth;
    cpu += report.cpu ?? Number.NaN;
    if (report.start < start) start = report.start;
    if (report.end > end) end = report.end;
  }
  const nanoseconds = cpuTime && cpu > 0 ? cpu : Number(end - start);
  return { nanoseconds, hash, growth };
}

/** A contender whose work several threads do. */
export async function crewContender(options: CrewOptions): Promise<Contender> {
  const { name, threads, module, open, data, expected } = options;
  const board = new SharedArrayBuffer(BOARD_WORDS * 4);
  const { port1, port2 } = new MessageChannel();
  const ports = options.messages ? [port1, port2] : [];
  const workers = Array.from({ length: threads }, (_, rank) => {
    const port = ports[rank];
    const orders: CrewOrders = { module: module.href, open, rank, threads, data, port, board };
    const transferList = port === undefined ? [] : [port];
    const member = new URL("./member.js", import.meta.url);
    return new Worker(member, { workerData: orders, transferList });
  });
  const messages = <Message>(): Promise<Message[]> =>
    Promise.all(workers.map((worker) => nextMessage<Message>(worker)));
  await messages<string>();
  return {
    name,
    async run(operations) {
      const reports = messages<RoundReport>();
      for (const worker of workers) worker.postMessage(operations);
      return timingOf(await reports, options.cpuTime ?? false);
    },
    expected,
    async dispose() {
      const ends = messages<string>();
      for (const worker of workers) worker.postMessage(null);
      await ends;
      await Promise.all(workers.map((worker) => worker.terminate()));
      options.dispose?.();
    },
  };
}
