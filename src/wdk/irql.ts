/**
 * The simulated interrupt request level: one number for each thread. Nothing here pre-empts anything;
 * it lets a program show that it calls each routine at a level where it may.
 */
import { show } from "../base/index.js";
import { APC_LEVEL, DISPATCH_LEVEL, HIGH_LEVEL, PASSIVE_LEVEL } from "./constants.js";
import { bugCheck, type Machine, machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

const { DRIVER_VERIFIER_DETECTED_VIOLATION, IRQL_NOT_LESS_OR_EQUAL } = BUG_CHECK;

/** Driver Verifier's rule id for routines of the paged family above APC_LEVEL. */
const RULE_IRQL_APC = 0x2_0006;

function isLevel(value: unknown): value is number {
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= PASSIVE_LEVEL &&
    value <= HIGH_LEVEL
  );
}

/** What a bug check shows of a value that may be none: asking it for a number could throw. */
function asLevel(value: unknown): number {
  return typeof value === "number" ? value >>> 0 : 0;
}

/**
 * The level of this thread: 0 (PASSIVE_LEVEL) after `boot`. Any IRQL; one load. Source: semantics 2.6.
 *
 * @throws {LookasideError} ERR_NOT_ATTACHED. @throws {BugCheck} after one has stopped the machine.
 *
 * @example
 * ```ts
 * boot();
 * console.log(KeGetCurrentIrql() === PASSIVE_LEVEL); // true
 * shutdown();
 * ```
 */
export function KeGetCurrentIrql(): number {
  return machine().irql;
}

/**
 * Raises this thread's level, which no other thread sees and which pre-empts nothing. Any IRQL; O(1). Source:
 * semantics 2.6 and 8.
 *
 * @param NewIrql from the present level to HIGH_LEVEL (15).
 * @returns the level before, for {@link KeLowerIrql}: the documented routine has it in a parameter.
 * @throws {BugCheck} 0xC4 (0x30, present level, level asked for, 0) when that is lower, or no level.
 * @throws {LookasideError} ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ bugChecks: "continue" });
 * const before = KeRaiseIrql(DISPATCH_LEVEL);
 * try {
 *   ExAllocatePoolWithTag(PagedPool, 64, tag("Page"));
 * } catch (error) {
 *   console.log((error as BugCheck).parameters[0]); // 1: paged pool above APC_LEVEL
 * }
 * KeLowerIrql(before);
 * shutdown();
 * ```
 */
export function KeRaiseIrql(NewIrql: number): number {
  const here = machine();
  const before = here.irql;
  if (!isLevel(NewIrql) || NewIrql < before) {
    const parameters = [0x30, before, asLevel(NewIrql), 0] as const;
    bugCheck(
      DRIVER_VERIFIER_DETECTED_VIOLATION,
      parameters,
      `Cannot raise IRQL ${before} to ${show(NewIrql)}`,
    );
  }
  here.setIrql(NewIrql);
  return before;
}

/**
 * Lowers this thread's level. Any IRQL; O(1). Source: semantics 2.6 and 8.
 *
 * @param NewIrql from 0 to the present level: what {@link KeRaiseIrql} gave back.
 * @throws {BugCheck} 0xC4 (0x31, present level, level asked for, 0) when that is higher, or no level.
 * @throws {LookasideError} ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * KeLowerIrql(KeRaiseIrql(APC_LEVEL));
 * console.log(KeGetCurrentIrql()); // 0
 * shutdown();
 * ```
 */
export function KeLowerIrql(NewIrql: number): void {
  const here = machine();
  if (!isLevel(NewIrql) || NewIrql > here.irql) {
    const parameters = [0x31, here.irql, asLevel(NewIrql), 0] as const;
    bugCheck(
      DRIVER_VERIFIER_DETECTED_VIOLATION,
      parameters,
      `Cannot lower IRQL ${here.irql} to ${show(NewIrql)}`,
    );
  }
  here.setIrql(NewIrql);
}

/** Demands IRQL <= DISPATCH_LEVEL for a routine that touches `address`. @throws {BugCheck} 0x0A */
export function demandDispatch(here: Machine, routine: string, address: number): void {
  if (here.irql <= DISPATCH_LEVEL) return;
  const message = `Cannot call ${routine} at IRQL ${here.irql}: it may run up to DISPATCH_LEVEL`;
  bugCheck(IRQL_NOT_LESS_OR_EQUAL, [address >>> 0, here.irql, 0, 0], message);
}

/** Demands IRQL <= APC_LEVEL for a routine of the paged family. @throws {BugCheck} 0xC4, 0x20006 */
export function demandApc(here: Machine, routine: string, address: number): void {
  if (here.irql <= APC_LEVEL) return;
  const message = `Cannot call ${routine} at IRQL ${here.irql}: paged memory is for levels up to APC_LEVEL`;
  bugCheck(
    DRIVER_VERIFIER_DETECTED_VIOLATION,
    [RULE_IRQL_APC, here.irql, address >>> 0, 0],
    message,
  );
}

/**
 * Demands the level that an allocation (or a free) of one type of pool needs. `amount` is the bytes asked
 * for, or the address to be freed.
 * @throws {BugCheck} 0xC4 with 0x01, 0x02 (allocate paged, nonpaged), 0x11, 0x12 (free)
 */
export function demandPoolLevel(
  here: Machine,
  type: number,
  rule: 0x01 | 0x11,
  amount: number,
): void {
  const isPaged = (type & 1) !== 0;
  const limit = isPaged ? APC_LEVEL : DISPATCH_LEVEL;
  if (here.irql <= limit) return;
  const kind = isPaged ? "paged" : "nonpaged";
  const action =
    rule === 0x01
      ? `allocate ${amount} bytes of ${kind} pool (type ${type})`
      : `free ${kind} pool at 0x${amount.toString(16)}`;
  const parameters = [isPaged ? rule : rule + 1, here.irql, type, amount >>> 0] as const;
  const message = `Cannot ${action} at IRQL ${here.irql}: at most ${limit}`;
  bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, parameters, message);
}
