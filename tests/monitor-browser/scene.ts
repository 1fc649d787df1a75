/**
 * A system that is worth looking at: lists of several kinds and sizes under loads that come and go, two
 * other threads, one of which dies with blocks in its hands, and now and then a mistake.
 */
import { Worker } from "node:worker_threads";
import { type Block, type BlockList, System } from "lookaside";
import type { MemberData } from "./scene-member.js";

/** A list of the scene, and how its working set swings: about how many blocks, how far, how fast. */
interface Load {
  readonly list: BlockList;
  readonly middle: number;
  readonly swing: number;
  readonly speed: number;
  readonly pairs: number;
  readonly blocks: Block[];
}

const LISTS = [
  ["frames", "Fram", 1536, 60, 58, 0.11, 220],
  ["packets", "Pkt ", 256, 400, 390, 0.23, 900],
  ["headers", "Head", 64, 900, 300, 0.31, 1500],
  ["thumbnails", "Thmb", 24_576, 18, 17, 0.07, 12],
  ["messages", "Mesg", 512, 120, 119, 0.17, 300],
  ["sessions", "Sess", 2048, 240, 20, 0.05, 40],
  ["timers", "Timr", 96, 80, 80, 0.41, 600],
  ["textures", "Text", 196_608, 4, 3, 0.06, 2],
  ["journal", "Jrnl", 8192, 30, 26, 0.13, 30],
] as const;

/** A scene that plays until it is stopped. */
export interface Scene {
  readonly system: System;
  /** Waits until so many steps more were played. */
  played(steps: number): Promise<void>;
  /** Plays on by one step of a twentieth of a second. */
  step(): void;
  stop(): Promise<void>;
}

/** Starts it. Nothing moves by itself but the two threads. */
export async function startScene(): Promise<Scene> {
  const system = System.create({
    nonPaged: "24 MiB",
    paged: "8 MiB",
    threads: 16,
    depth: { periodMs: 500 },
  });
  const loads: Load[] = LISTS.map(([name, tag, size, middle, swing, speed, pairs]) => {
    const pool = tag === "Jrnl" || tag === "Thmb" ? "paged" : "nonPaged";
    const list = system.blockList({ tag, name, size, pool, maximumDepth: 512 });
    return { list, middle, swing, speed, pairs, blocks: [] };
  });
  const particles = system.objectList({ tag: "Part", create: () => ({ x: 0, y: 0 }), bytes: 48 });
  const members = [1, 2].map((seed) => startMember(system, seed));
  await Promise.all(members.map(({ ready }) => ready));
  const [mortal, other] = members.map(({ worker }) => worker) as [Worker, Worker];
  let steps = 0;
  let waiting: { readonly last: number; readonly resolve: () => void }[] = [];

  const playLoad = ({ list, middle, swing, speed, pairs, blocks }: Load): void => {
    const wanted = Math.max(0, Math.round(middle + swing * Math.sin((steps * speed) / 5)));
    while (blocks.length > wanted) blocks.pop()?.free();
    while (blocks.length < wanted) {
      const block = list.allocate();
      if (block === null) break;
      blocks.push(block);
    }
    for (let pair = 0; pair < pairs; pair++) list.allocate()?.free();
  };

  return {
    system,
    played(more) {
      const last = steps + more;
      return new Promise((resolve) => waiting.push({ last, resolve }));
    },
    step() {
      steps++;
      for (const load of loads) playLoad(load);
      for (let pair = 0; pair < 50; pair++) {
        const particle = particles.allocate();
        if (particle !== null) particles.free(particle);
      }
      if (steps === 60) void mortal.terminate();
      if (steps % 90 === 30) freeTwice(loads[0] as Load);
      for (const { last, resolve } of waiting) if (steps >= last) resolve();
      waiting = waiting.filter(({ last }) => steps < last);
    },
    async stop() {
      await Promise.all([mortal.terminate(), other.terminate()]);
      system.detach();
    },
  };
}

function startMember(system: System, seed: number): { worker: Worker; ready: Promise<unknown> } {
  const workerData: MemberData = { ticket: system.ticket(), seed };
  const worker = new Worker(new URL("./scene-member.js", import.meta.url), { workerData });
  void system.watch(worker);
  return { worker, ready: new Promise((resolve) => worker.once("message", resolve)) };
}

/** The mistake: a block is freed a second time, and refused. */
function freeTwice({ list }: Load): void {
  const block = list.allocate();
  block?.free();
  try {
    block?.free();
  } catch {
    // This is what the page shall show.
  }
}
