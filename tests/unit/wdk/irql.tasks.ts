/** What the other thread of `irql.test.ts` runs. */
import {
  boot,
  HIGH_LEVEL,
  KeGetCurrentIrql,
  KeRaiseIrql,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../../support/crew.js";

/** This thread's level when it has attached, and after it has raised it as far as it goes. */
export const levelHere: CrewTask<Ticket, { readonly before: number; readonly after: number }> = ({
  data,
}) => {
  boot(data);
  const before = KeGetCurrentIrql();
  KeRaiseIrql(HIGH_LEVEL);
  const after = KeGetCurrentIrql();
  shutdown();
  return { before, after };
};
