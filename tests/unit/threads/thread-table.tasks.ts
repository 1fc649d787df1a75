/** What the threads of `thread-table.test.ts` run. */
import { attachRegion, compareExchange, HEADER } from "#src/memory/index.js";
import { claimThread, releaseThread } from "#src/threads/index.js";
import type { CrewTask } from "../../support/crew.js";

interface ChurnData {
  readonly memory: WebAssembly.Memory;
  readonly rounds: number;
}

/** Words that nobody else uses here: who has which number. */
const HOLDERS = HEADER.TUNING;

/** Claims and releases numbers, and marks each while it has it. Gives back how often the mark was taken. */
export const churn: CrewTask<ChurnData, number> = ({ rank, data, barrier }) => {
  const region = attachRegion(data.memory);
  let doubles = 0;
  barrier();
  for (let round = 0; round < data.rounds; round++) {
    const identity = claimThread(region, { host: rank, ancestors: [] });
    const mark = HOLDERS + identity.thread;
    if (compareExchange(region.words, mark, 0, rank + 1) !== 0) doubles++;
    if (compareExchange(region.words, mark, rank + 1, 0) !== rank + 1) doubles++;
    releaseThread(region, identity);
  }
  return doubles;
};
