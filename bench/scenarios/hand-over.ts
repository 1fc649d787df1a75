/**
 * Hand-over of buffers between two threads: by handle, and by what Node has for it.
 */
import { crewOf, type Work } from "../contenders/crews.js";
import type { Contender, Scenario } from "../harness.js";
import { crewContender } from "../threads/crew.js";
import { handOverHash, type MessageOrders, WINDOW } from "../threads/works/hand-over-by-message.js";

/** Bytes of a buffer. */
const SIZES = [256, 4_096, 65_536];

/** By handle: a block goes over, nothing is copied. */
function byHandle(bytes: number): Work {
  return {
    file: "hand-over-by-handle",
    open: "byHandle",
    bytes,
    most: 4 * WINDOW,
    threads: 2,
    more: () => ({ window: WINDOW }),
    expected: handOverHash,
  };
}

/** By message: a copy, or a fresh buffer whose ownership goes over. */
function byMessage(bytes: number, way: MessageOrders["way"]): Promise<Contender> {
  const data: MessageOrders = { bytes, way };
  return crewContender({
    name: `postMessage ${way}`,
    threads: 2,
    module: new URL("../threads/works/hand-over-by-message.js", import.meta.url),
    open: "byMessage",
    data,
    messages: true,
    expected: handOverHash,
  });
}

/**
 * Every way, for a size. A quick run has all of them for the first size only, and two for the others: to
 * start workers is what it spends its time on.
 */
function handOver(bytes: number): Scenario {
  return {
    name: `hand-over-${bytes}`,
    pace: "threads",
    async contenders({ quick }) {
      const whole = !quick || bytes === SIZES[0];
      return Promise.all([
        crewOf("BlockList", byHandle(bytes)),
        ...(whole ? [crewOf("BlockList handles", byHandle(bytes)), byMessage(bytes, "clone")] : []),
        byMessage(bytes, "transfer"),
      ]);
    },
  };
}

export const HAND_OVER: readonly Scenario[] = SIZES.map(handOver);
