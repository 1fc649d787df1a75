/**
 * What a guest is loaded with: unit, default and bound of each option, validated here and nowhere else.
 */
import {
  type ByteSize,
  bytesOf,
  LookasideError,
  onlyKnown,
  show,
  utf8Of,
} from "../../base/index.js";

/** Functions and other values that a guest imports besides the documented routines, by module and name. */
export type GuestImports = Readonly<
  Record<string, Readonly<Record<string, WebAssembly.ImportValue>>>
>;

/** What a guest is loaded with. */
export interface GuestOptions {
  /**
   * The guest's name in the system. Threads that load the same module under the same name share its static
   * data and can call its routines for each other. At most 80 bytes of UTF-8.
   */
  readonly name: string;
  /**
   * What a raise does that a documented routine ends in. "trap" (default): it leaves the guest, and the
   * TypeScript caller catches the `StatusError`. "return": the routine returns NULL (or the status, if
   * it returns one), and `takeRaisedStatus` tells the guest which it was. Bug checks always leave.
   */
  readonly onRaise?: "trap" | "return";
  /** Bytes of the guest's stack in this thread: 1 KiB to 16 MiB. Default 64 KiB. */
  readonly stackBytes?: ByteSize;
  /**
   * Where the guest's own data lie. "relocatable" (default): where the system puts them; the guest is linked
   * with `-shared`. "none": it has no data, no stack and no heap of its own, and only works on addresses
   * that it is given; so it vouches, and nothing could check it.
   */
  readonly data?: "relocatable" | "none";
  /** What else the guest imports. */
  readonly imports?: GuestImports;
  /** Where a DbgPrint goes. Default: nowhere. */
  readonly print?: (text: string) => void;
}

/** The same, checked and complete. */
export interface CompleteGuestOptions {
  readonly name: string;
  readonly survivesRaises: boolean;
  readonly stackBytes: number;
  readonly isRelocatable: boolean;
  readonly imports: GuestImports;
  readonly print: (text: string) => void;
}

const GUEST_OPTIONS = ["name", "onRaise", "stackBytes", "data", "imports", "print"];

const NAME_BYTES_MAX = 80;
const STACK_BYTES_MIN = 1_024;
const STACK_BYTES_MAX = 2 ** 24;
const STACK_BYTES_UNIT = 16;

function refuse(name: string, value: unknown, what: string): never {
  throw new LookasideError("ERR_OPTION", `Cannot use ${show(value)} as ${name}: ${what}`);
}

function nameOf(value: unknown): string {
  const bytes = typeof value === "string" ? utf8Of(value).length : 0;
  if (bytes >= 1 && bytes <= NAME_BYTES_MAX && !(value as string).includes("#"))
    return value as string;
  return refuse("name", value, `a text of 1 to ${NAME_BYTES_MAX} bytes without "#" is needed`);
}

function choiceOf<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly [Choice, Choice],
): Choice {
  if (value === undefined) return choices[0];
  const found = choices.find((choice) => choice === value);
  return found ?? refuse(name, value, `it must be "${choices.join('" or "')}"`);
}

function importsOf(value: unknown): GuestImports {
  if (value === undefined) return {};
  const isObject = (one: unknown): boolean => typeof one === "object" && one !== null;
  if (!isObject(value) || !Object.values(value as object).every(isObject)) {
    refuse("imports", value, "an object of objects is needed, by module and name");
  }
  if (Object.hasOwn(value as object, "lookaside")) {
    refuse("imports", value, 'the module "lookaside" is the library\'s own');
  }
  return value as GuestImports;
}

/** Checks the options of a guest. @throws {LookasideError} ERR_OPTION */
export function completeGuestOptions(options: GuestOptions): CompleteGuestOptions {
  if (typeof options !== "object" || options === null) {
    refuse("the options of a guest", options, "an object with a name is needed");
  }
  onlyKnown("a guest", options, GUEST_OPTIONS);
  const { name, onRaise, stackBytes, data, imports, print } = options;
  if (print !== undefined && typeof print !== "function") {
    refuse("print", print, "a function is needed");
  }
  const stack = bytesOf("stackBytes", stackBytes ?? "64 KiB", STACK_BYTES_MIN, STACK_BYTES_MAX);
  return {
    name: nameOf(name),
    survivesRaises: choiceOf("onRaise", onRaise, ["trap", "return"]) === "return",
    stackBytes: Math.ceil(stack / STACK_BYTES_UNIT) * STACK_BYTES_UNIT,
    isRelocatable: choiceOf("data", data, ["relocatable", "none"]) === "relocatable",
    imports: importsOf(imports),
    print: print ?? (() => {}),
  };
}
