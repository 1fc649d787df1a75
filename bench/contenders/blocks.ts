/**
 * Block lists, object lists, and what JavaScript has without them: pairs of getting and giving back.
 */
import { ObjectList, System } from "lookaside";
import type { Contender } from "../harness.js";

const everyOne = (operations: number): number => operations;

/** A block list of this thread, all checks on. */
export function blockListPair(bytes: number): Contender {
  const system = System.create({ nonPaged: "16 MiB" });
  const list = system.blockList({ tag: "Benc", size: bytes });
  return {
    name: "BlockList",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const block = list.allocate();
        if (block === null) continue;
        block.free();
        done++;
      }
      return done;
    },
    expected: everyOne,
    dispose: () => system.detach(),
  };
}

/** An array of objects, popped and pushed: no check, no count. */
export function arrayStackPair(): Contender {
  const stack = Array.from({ length: 10 }, (_, value) => ({ value }));
  return {
    name: "array stack",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const item = stack.pop();
        if (item === undefined) continue;
        done++;
        stack.push(item);
      }
      return done;
    },
    expected: everyOne,
  };
}

/** A fresh typed array each time. */
export function freshArrayPair(bytes: number): Contender {
  return {
    name: `new Uint8Array(${bytes})`,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++)
        done += new Uint8Array(bytes).length === bytes ? 1 : 0;
      return done;
    },
    expected: everyOne,
  };
}

/** A fresh slice of Node's own slab each time. */
export function allocUnsafePair(bytes: number): Contender {
  return {
    name: `Buffer.allocUnsafe(${bytes})`,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++)
        done += Buffer.allocUnsafe(bytes).length === bytes ? 1 : 0;
      return done;
    },
    expected: everyOne,
  };
}

/** An object list, all checks on. */
export function objectListPair(): Contender {
  const list = new ObjectList({ tag: "Benc", create: () => ({ value: 1 }) });
  return {
    name: "ObjectList",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const item = list.allocate();
        if (item === null) continue;
        done += item.value;
        list.free(item);
      }
      return done;
    },
    expected: everyOne,
    dispose: () => list.delete(),
  };
}
