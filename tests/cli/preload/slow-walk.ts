/**
 * Loaded before the program: holds a walk at its third step until the process gets SIGINT.
 *
 * Every look at the clock finds that it is time to rest, so each step of the walk rests; the third rest ends
 * only with the signal. What was said in the first two steps has been said by then.
 */
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  let now = 0;
  performance.now = () => {
    now += 1_000;
    return now;
  };
  const { setImmediate } = timers;
  let rests = 0;
  timers.setImmediate = async <Value>(value?: Value): Promise<Value> => {
    rests++;
    if (rests === 3) {
      const open = setInterval(() => {}, 1_000); // a pending promise alone keeps no process
      await new Promise((settle) => process.once("SIGINT", settle));
      clearInterval(open);
    }
    return setImmediate(value) as Promise<Value>;
  };
  syncBuiltinESMExports();
}
