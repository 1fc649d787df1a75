/** What another thread does to the lists of `driver.test.ts`. */
import {
  boot,
  ExDeleteLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  NULL,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../../support/crew.js";

interface Given {
  readonly ticket: Ticket;
  readonly list: number;
}

/** Deletes a list that the test's driver initialized. */
export const deleteIt: CrewTask<Given> = ({ data }) => {
  boot(data.ticket);
  ExDeleteLookasideListEx(data.list);
  shutdown();
};

/** Initializes a list while the test's driver is loaded in the test's thread. */
export const initializeIt: CrewTask<Given> = ({ data }) => {
  boot(data.ticket);
  ExInitializeLookasideListEx(data.list, NULL, NULL, NonPagedPool, 0, 64, 0x74, 0);
  shutdown();
};
