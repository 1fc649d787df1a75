/** What several threads do to one list for lookaside.test.ts. */
import { boot, shutdown, type Ticket } from "lookaside/wdk";
import { countOf } from "../../conformance/bench.js";
import type { CrewTask } from "../../support/crew.js";
import { randomFrom } from "../../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";

/** Holds up to eight entries and frees them as the others do. Gives back the most it saw parked. */
export const freeTogether: CrewTask<
  {
    readonly ticket: Ticket;
    readonly list: number;
    /** Place in LIST_FAMILIES. */
    readonly family: number;
    readonly rounds: number;
    readonly seed: number;
  },
  number
> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  const family = LIST_FAMILIES[data.family] as ListFamily;
  const random = randomFrom(data.seed + rank);
  let most = 0;
  barrier();
  for (let round = 0; round < data.rounds; round++) {
    const held = Array.from({ length: 1 + random.int(8) }, () => family.allocate(data.list));
    for (const entry of held) {
      family.free(data.list, entry);
      most = Math.max(most, countOf(data.list));
    }
  }
  barrier(); // all have come to rest
  const last = Array.from({ length: 6 }, () => family.allocate(data.list));
  barrier();
  for (const entry of last) family.free(data.list, entry);
  barrier();
  shutdown();
  return most;
};
