/** Workers of `quota.test.ts`: each charges what it can, and leaves or dies with it. */
import {
  boot,
  ExAllocatePoolWithQuotaTag,
  NonPagedPool,
  poolInformation,
  shutdown,
  system,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../../support/crew.js";

export const CHARGED = 0;
export const BYTES = 40_000;

export interface Charged {
  readonly thread: number;
  readonly block: number;
  /** What was charged before, and after. */
  readonly before: number;
  readonly after: number;
}

function charge(): Charged {
  const before = poolInformation().NonPaged.QuotaUsedBytes;
  const block = ExAllocatePoolWithQuotaTag(NonPagedPool, BYTES, 0x746f_7551);
  const after = poolInformation().NonPaged.QuotaUsedBytes;
  return { thread: system().thread, block, before, after };
}

/** Charges, leaves the block, and leaves. */
export const chargeAndLeave: CrewTask<Ticket, Charged> = ({ data }) => {
  boot(data);
  const charged = charge();
  shutdown();
  return charged;
};

/** Charges, and waits for its end. */
export const chargeAndDie: CrewTask<Ticket, void> = ({ data, gates }) => {
  boot(data);
  charge();
  gates.raise(CHARGED);
  for (;;) gates.wait(CHARGED + 1);
};
