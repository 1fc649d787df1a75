/**
 * The table of routines: unnamed records are taken, swept and used again while lists come and go.
 *
 * Letters: `i` initializes the thread's own list with a new function, as `initializeList` does: all under
 * the set lock; `d` deletes it; `c` calls the list's routine; `o` looks at the list of the thread before it,
 * as one does that misses it, and reads the name for the error; `n` registers a name.
 * The table has room for as many records as the setting says, so nearly every `i` has to sweep.
 *
 * What must hold: a thread's call finds the function that its list was made with; another thread's list
 * gives it no function, and a name only if it is the right one; a linked list's handle is good at every end;
 * the table is full only when lists and names fill it.
 */
import assert from "node:assert/strict";
import type { Routine, Routines } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import { load, store } from "../explorer/door.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf, castSize } from "./cast.js";
import type { Scenario } from "./scenario.js";

const DESCRIPTOR = 0x80;
const ALLOCATE = 0x30;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  /** Records that are left in the table; it has {@link RECORDS} on stage. */
  readonly records: number;
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

/** What the bound of the stage leaves of the table. */
const RECORDS = 4;

/** One thread and its list. */
class Member {
  readonly #machine: Machine;
  readonly #region: Region;
  readonly #place: number;
  readonly #routines: Routines;
  #made = 0;
  #function: Routine | null = null;
  linked = false;

  constructor(machine: Machine, place: number) {
    this.#machine = machine;
    this.#region = machine.region();
    this.#place = place;
    this.#routines = new machine.stage.list.Routines(this.#region, place + 1);
  }

  #word(place: number): number {
    return (this.#machine.address(place * DESCRIPTOR) + ALLOCATE) >>> 2;
  }

  act(letter: string): void {
    const { list } = this.#machine.stage;
    const own = this.#machine.address(this.#place * DESCRIPTOR);
    const { words } = this.#region;
    if (letter === "i") {
      const made = ++this.#made;
      const name = `f${this.#place + 1}`;
      const routine = Object.defineProperty(() => made, "name", { value: name }) as Routine;
      list.withListSets(this.#region, this.#place + 1, () => {
        store(words, this.#word(this.#place), this.#routines.adopt(routine));
        list.linkList(this.#region, 0, own);
      });
      this.#function = routine;
      this.linked = true;
    } else if (letter === "d") {
      list.withListSets(this.#region, this.#place + 1, () => list.unlinkList(this.#region, own));
      this.linked = false;
    } else if (letter === "c") {
      const handle = load(words, this.#word(this.#place));
      assert.equal(this.#routines.resolve(handle), this.#function, "a list calls another function");
    } else if (letter === "n") {
      this.#routines.register(`name ${this.#place}`, () => 0);
    } else {
      this.#look(load(words, this.#word(this.#place - 1)));
    }
  }

  #look(handle: number): void {
    if (handle === 0) return;
    try {
      this.#routines.resolve(handle);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      assert.equal(code, "ERR_ROUTINE_MISSING");
      assert.match(message, RegExp(`pointer|"f${this.#place} \\(unnamed \\d of thread`));
      return;
    }
    assert.fail("a thread has a function for another thread's routine");
  }
}

function programOf(machine: Machine, program: string, place: number): Program {
  return (voice: Voice) => {
    const member = new Member(machine, place);
    begin();
    for (const letter of program) {
      voice.note(letter);
      member.act(letter);
    }
    return member.linked;
  };
}

function planOf(stage: Stage, { programs, records, mortal = "" }: Setting): Plan {
  const machine = new Machine(stage, { threads: castSize(programs, mortal), chunks: 1 });
  for (let at = 0; at < programs.length; at++) {
    const nameOf = (word: number): string => `list ${at} word ${word}`;
    machine.names.give(machine.address(at * DESCRIPTOR), DESCRIPTOR / 4, nameOf);
  }
  return {
    ...castOf(
      machine,
      programs.map((program, place) => programOf(machine, program, place)),
      mortal,
    ),
    intendedRaces: [],
    prepare() {
      machine.prepare();
      const routines = new stage.list.Routines(machine.region(), 1);
      for (let at = records; at < RECORDS; at++) routines.register(`taken ${at}`, () => 0);
    },
    check(results) {
      const region = machine.region();
      const routines = new stage.list.Routines(region, 1);
      const found = stage.list.listsOf(region, 0);
      programs.forEach((_, place) => {
        const linked = found.includes(machine.address(place * DESCRIPTOR));
        if (results[place] !== undefined) assert.equal(linked, results[place], "the set is wrong");
      });
      for (const each of found) {
        const handle = load(region.words, (each + ALLOCATE) >>> 2);
        const place = (each - machine.address(0)) / DESCRIPTOR;
        assert.ok(routines.isHandle(handle), "a list names a record that was given up");
        assert.match(routines.nameOf(handle), RegExp(`^f${place + 1} `), "a list names another's");
      }
    },
  };
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, records, mortal, preemptions } = setting;
  const bound = preemptions === undefined ? "" : `,preemptions=${preemptions}`;
  const extras = bound + (mortal === undefined ? "" : `,${mortal}=mortal`);
  return {
    name: `routines/${programs.join("-")}/records=${records}${extras}`,
    protocol: "the table of routines",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const ROUTINES: readonly Scenario[] = [
  scenario(true, { programs: ["ic", "idic"], records: 2 }),
  scenario(true, { programs: ["id", "idio"], records: 2 }),
  scenario(true, { programs: ["id", "nic"], records: 3, mortal: "A" }),
  scenario(true, { programs: ["idi", "id", "o"], records: 2, preemptions: 2 }),
  scenario(false, { programs: ["idic", "idic"], records: 2, mortal: "A" }),
  scenario(false, { programs: ["idic", "oidic"], records: 2, preemptions: 3 }),
  scenario(false, { programs: ["idi", "oio", "n"], records: 3, preemptions: 2 }),
];
