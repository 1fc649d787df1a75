/** What the threads of `quota.test.ts` run. */
import { attachRegion } from "#src/memory/index.js";
import { chargeQuota, returnQuota } from "#src/pool/quota.js";
import type { CrewTask } from "../../support/crew.js";

export const ACCOUNT = 2;
export const LIMIT = 100;

interface ChargeData {
  readonly memory: WebAssembly.Memory;
  readonly rounds: number;
}

/** Member 0 charges what always fits, the others what never does. Gives back how often 0 was refused. */
export const charge: CrewTask<ChargeData, number> = ({ rank, data, barrier }) => {
  const region = attachRegion(data.memory);
  let refused = 0;
  barrier();
  for (let round = 0; round < data.rounds; round++) {
    const bytes = rank === 0 ? LIMIT : LIMIT + 1;
    if (chargeQuota(region, ACCOUNT, 0, bytes)) returnQuota(region, ACCOUNT, 0, bytes);
    else if (rank === 0) refused++;
  }
  return refused;
};
