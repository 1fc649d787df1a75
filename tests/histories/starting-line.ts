/**
 * Where threads meet so that they go on at the very same time: the last to come sets off the others, who
 * look rather than sleep. Who looks in vain for long sleeps after all, for there may be more threads than
 * processors.
 */
const ARRIVED = 0;
const ROUND = 1;

const LOOKS = 20_000;
const NAP_MS = 1;

/** The words of a line: post them to the threads. */
export function makeLine(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(64));
}

/** Waits for `threads` threads in all. Throws after about a minute. */
export function lineUp(words: Int32Array<SharedArrayBuffer>, threads: number): void {
  const round = Atomics.load(words, ROUND);
  if (Atomics.add(words, ARRIVED, 1) + 1 === threads) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.add(words, ROUND, 1);
    Atomics.notify(words, ROUND);
    return;
  }
  for (let look = 0; look < LOOKS; look++) if (Atomics.load(words, ROUND) !== round) return;
  for (let nap = 0; nap < 60_000; nap++) {
    if (Atomics.load(words, ROUND) !== round) return;
    Atomics.wait(words, ROUND, round, NAP_MS);
  }
  throw new Error("a thread did not come to the line");
}
