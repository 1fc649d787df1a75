/**
 * Workers that started workers, ended while all of them hold blocks: nothing of any of them is lost.
 *
 * Only the first is ended, and only its exit is heard: nobody is left who hears the others'.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { startCrew } from "../support/crew.js";
import {
  type bystand,
  type hold,
  LIST,
  type makeTicket,
  type nothing,
} from "./nested-death.tasks.js";

const tasks = new URL("./nested-death.tasks.js", import.meta.url);

function demandNothingLost(system: System): void {
  const { problems } = system.audit();
  assert.deepEqual(problems, []);
  assert.equal(system.threads, 1, "all numbers are free again");
  const list = system.blockList(LIST);
  assert.equal(list.statistics().held, 0, "what they held was reclaimed");
  list.trim();
  assert.equal(list.statistics().parked, 0);
  assert.equal(system.audit().held, 1, "the record alone is held");
}

for (const watches of [false, true]) {
  for (const ending of ["waits", "exits", "throws"] as const) {
    const how = `${ending === "waits" ? "is ended" : ending}, ${watches ? "watching" : "not watching"} them`;
    test(`a worker that ${how} takes the workers below with it`, async () => {
      const system = System.create({ nonPaged: "2 MiB", threads: 4 });
      const data = { ticket: system.ticket(), below: 2, watches, ending };
      const crew = startCrew<typeof hold>(tasks, { threads: 1, run: "hold", data });
      const [worker] = crew.workers;
      assert.ok(worker);
      const recovered = system.watch(worker);
      if (ending === "waits") {
        await crew.gates.reached(0);
        assert.equal(system.threads, 4);
        assert.equal(system.blockList(LIST).statistics().held, 30);
        await crew.terminate(0);
      }
      const reports = await recovered;
      assert.deepEqual(
        reports.map(({ thread, reclaimed }) => [thread, reclaimed]),
        [2, 3, 4].map((thread) => [thread, 10]),
      );
      await crew.outcomes;
      demandNothingLost(system);
      system.detach();
    });
  }
}

test("the policy for orphans holds for the workers below too", async () => {
  const system = System.create({ nonPaged: "2 MiB", threads: 4 });
  const data = { ticket: system.ticket(), below: 1, watches: false, ending: "waits" } as const;
  const crew = startCrew<typeof hold>(tasks, { threads: 1, run: "hold", data });
  const recovered = system.watch(crew.workers[0] ?? assert.fail(), "report");
  await crew.gates.reached(0);
  await crew.terminate(0);
  const kept = (await recovered).flatMap((report) => report.kept);
  assert.equal(kept.length, 20);
  const list = system.blockList(LIST);
  for (const { handle } of kept) list.adopt(list.handleFrom(handle)).free();
  demandNothingLost(system);
  system.detach();
});

test("the maker of a ticket may end: who attached by it lives on", async () => {
  const system = System.create({ nonPaged: "2 MiB", threads: 4 });
  const maker = startCrew<typeof makeTicket>(tasks, {
    threads: 1,
    run: "makeTicket",
    data: { ticket: system.ticket() },
  });
  const ended = system.watch(maker.workers[0] ?? assert.fail());
  const [made] = await maker.outcomes;
  assert.ok(made?.kind === "returned");
  const data = { ticket: made.result, below: 0, watches: false, ending: "waits" } as const;
  const crew = startCrew<typeof hold>(tasks, { threads: 1, run: "hold", data });
  const recovered = system.watch(crew.workers[0] ?? assert.fail());
  await crew.gates.reached(0);
  assert.deepEqual(
    (await ended).map(({ thread }) => thread),
    [2],
    "the maker alone was recovered",
  );
  assert.equal(system.threads, 2);
  await crew.terminate(0);
  assert.equal((await recovered).length, 1);
  demandNothingLost(system);
  system.detach();
});

test("nothing is recovered below a worker that never attached: there is no proof", async () => {
  const system = System.create({ nonPaged: "2 MiB", threads: 4 });
  const data = { ticket: system.ticket(), below: 1, watches: false, ending: "waits" } as const;
  const crew = startCrew<typeof bystand>(tasks, { threads: 1, run: "bystand", data });
  const recovered = system.watch(crew.workers[0] ?? assert.fail());
  await crew.gates.reached(0);
  await crew.terminate(0);
  assert.deepEqual(await recovered, []);
  assert.equal(system.threads, 3, "nothing proves their end, so they are left alone");
  system.detach();
});

test("a worker that was watched and never attached needs no recovery", async () => {
  const system = System.create({ nonPaged: "1 MiB" });
  const crew = startCrew<typeof nothing>(tasks, { threads: 1, run: "nothing" });
  assert.deepEqual(await system.watch(crew.workers[0] ?? assert.fail()), []);
  await crew.outcomes;
  system.detach();
});
