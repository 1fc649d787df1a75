/**
 * Function pointers: names in shared memory, functions in each thread.
 *
 * A name is for ever. A function that is passed without one is known while a list names it, so it gets its
 * handle only when the list is made (list/routine-table.ts).
 */
import { LookasideError, show } from "../base/index.js";
import type { Routine } from "../list/index.js";
import { type Machine, machine } from "./machine.js";
import type { RoutineHandle } from "./types.js";

/**
 * Any of the documented callbacks (ALLOCATE_FUNCTION, FREE_FUNCTION and their Ex forms): all take
 * numbers. One signature and not their union, so that the parameters of a function written in place
 * have their types.
 */
export type Callback = (...parameters: number[]) => void;

/**
 * Registers this thread's function under a name, and gives back the handle that every thread shares.
 * Each thread that may miss or overflow a list with the routine registers its own function under the
 * same name. A system has room for 1,024 names, which it keeps for ever; functions that are passed to a
 * list without a name share the room while lists name them.
 *
 * @example
 * ```ts
 * boot();
 * const allocate = routine("MyAllocate", (type, bytes, tag) => ExAllocatePoolWithTag(type, bytes, tag));
 * const list = ExAllocatePoolWithTag(NonPagedPool, 128, tag("Mine"));
 * ExInitializeNPagedLookasideList(list, allocate, NULL, 0, 64, tag("Mine"), 0);
 * const entry = ExAllocateFromNPagedLookasideList(list); // calls MyAllocate: nothing is parked yet
 * console.log(entry !== NULL); // true
 * ExFreeToNPagedLookasideList(list, entry);
 * ExDeleteNPagedLookasideList(list);
 * ExFreePoolWithTag(list, tag("Mine"));
 * shutdown();
 * ```
 * @throws {LookasideError} ERR_ROUTINE_NAME, ERR_ARGUMENT, ERR_ROUTINES_FULL, ERR_LOCK_STALLED
 */
export function routine(name: string, callback: Callback): RoutineHandle {
  return machine().system.routines.register(name, callback as Routine);
}

/** What was given for a callback: 0 for NULL, a handle, or a function of this thread. */
export type GivenCallback = RoutineHandle | Routine;

/**
 * Checks an argument that stands for a callback.
 * @throws {LookasideError} ERR_ARGUMENT when the value is none of the three forms.
 */
export function callbackOf(
  here: Machine,
  caller: string,
  name: string,
  value: unknown,
): GivenCallback {
  if (value === 0 || value === null || value === undefined) return 0;
  if (typeof value === "function") return value as Routine;
  if (typeof value === "number" && here.system.routines.isHandle(value)) return value;
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot call ${caller} with ${show(value)} as ${name}: NULL, a function or a handle is needed`,
  );
}

/**
 * What a descriptor stores for a callback: 0 for NULL, else a handle. Callers hold the set lock until the
 * list is linked; `beside` is what they store for the list's other callback. A handle that was good when
 * it was given may have been another list's, which is gone now.
 * @throws {LookasideError} ERR_ARGUMENT, ERR_ROUTINES_FULL, ERR_LOCK_STALLED
 */
export function handleOf(
  here: Machine,
  caller: string,
  name: string,
  given: GivenCallback,
  beside: RoutineHandle,
): RoutineHandle {
  if (typeof given === "function") return here.system.routines.adopt(given, beside);
  return callbackOf(here, caller, name, given) as RoutineHandle;
}
