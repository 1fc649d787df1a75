/**
 * A C guest as a contender: its loop runs inside WebAssembly and calls the documented routines.
 */
import { readFileSync } from "node:fs";
import { loadGuest } from "lookaside/guest";
import { compileGuest } from "../../tools/compile-guest.js";
import type { Contender } from "../harness.js";

const source = new URL("../../../bench/contenders/guest-pairs.c", import.meta.url);

/** The guest's pair on a unified list. */
export async function guestPair(list: number): Promise<Contender> {
  const bytes = await compileGuest("guest-pairs", readFileSync(source, "utf8"));
  const guest = await loadGuest(bytes, { name: "bench" });
  const pairs = guest.functions["pairs"];
  if (pairs === undefined) throw new Error("the guest exports no pairs");
  return {
    name: "guest: LookasideListEx",
    run: (operations) => Number(pairs(list, operations)) >>> 0,
    expected: (operations) => operations,
    dispose: () => guest.unload(),
  };
}
