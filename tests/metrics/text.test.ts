/**
 * The text for Prometheus: every number of the snapshot once, names by the conventions, nothing unescaped.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { METRICS, prometheusName, prometheusText } from "lookaside/metrics";

const SMALL = { nonPaged: "4 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } } as const;

/** Lines of one metric, as label text and value. */
function linesOf(text: string, name: string): [string, number][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => [
      line.slice(name.length, line.lastIndexOf(" ")),
      Number(line.split(" ").at(-1)),
    ]);
}

test("the text says of each list, pool and tag what the snapshot says", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Fram", size: 1_536 });
  const block = list.allocate();
  list.allocate()?.free();
  const text = prometheusText(system.snapshot());
  const labels = '{list="Fram",kind="block",tag="Fram",pool="nonPaged"}';
  const told = (name: string): unknown => linesOf(text, `lookaside_list_${name}`);
  assert.deepEqual(told("allocations_total"), [[labels, 2]]);
  assert.deepEqual(told("allocation_misses_total"), [[labels, 2]]);
  assert.deepEqual(told("frees_total"), [[labels, 1]]);
  assert.deepEqual(told("held"), [[labels, 1]]);
  assert.deepEqual(told("held_memory_bytes"), [[labels, 1_536]]);
  assert.deepEqual(linesOf(text, "lookaside_pool_memory_limit_bytes"), [
    ['{pool="nonPaged"}', 4 * 2 ** 20],
    ['{pool="paged"}', 2 ** 20],
  ]);
  assert.deepEqual(linesOf(text, "lookaside_threads"), [
    ['{status="attached"}', 1],
    ['{status="recovering"}', 0],
  ]);
  assert.equal(linesOf(text, "lookaside_stopped")[0]?.[1], 0);
  block?.free();
  system.detach();
});

test("each metric has one HELP and one TYPE, before its lines, and a name by the conventions", () => {
  const system = System.create(SMALL);
  system.blockList({ tag: "Some", size: 64 }).allocate();
  const text = prometheusText(system.snapshot());
  assert.ok(text.endsWith("\n"));
  const names = METRICS.map(prometheusName);
  assert.equal(new Set(names).size, names.length);
  for (const metric of METRICS) {
    const name = prometheusName(metric);
    assert.match(name, /^lookaside(?:_[a-z]+)+$/);
    assert.equal(name.endsWith("_total"), metric.kind === "counter", name);
    assert.equal(name.includes("_bytes"), metric.unit === "By", name);
    assert.equal(text.split(`# TYPE ${name} `).length, 2, name);
    const family = `# HELP ${name} ${metric.help}\n# TYPE ${name} `;
    const at = text.indexOf(family);
    assert.ok(at === 0 || text[at - 1] === "\n", name);
    assert.ok(linesOf(text.slice(0, at), name).length === 0, name);
    assert.ok(linesOf(text, name).length > 0, name);
  }
  system.detach();
});

test("whatever a list is called, its label is one text in quotes", () => {
  const system = System.create(SMALL);
  const name = 'a "b" \\ c\nd{e="f"} ☃';
  system.blockList({ tag: '"\\{}', name, size: 64, depth: 256 });
  const text = prometheusText(system.snapshot());
  const wanted =
    '{list="a \\"b\\" \\\\ c\\nd{e=\\"f\\"} ☃",kind="block",tag="\\"\\\\{}",pool="nonPaged"}';
  assert.deepEqual(linesOf(text, "lookaside_list_depth"), [[wanted, 256]]);
  system.detach();
});

test("tags that look alike are counted together, so that no line comes twice", () => {
  const system = System.create(SMALL);
  for (const tag of [0x0161_6161, 0x0261_6161]) system.pool.allocate(0, 64, tag, false, 0, 0, 0);
  const text = prometheusText(system.snapshot());
  const told = linesOf(text, "lookaside_tag_blocks").filter(([labels]) => labels.includes("aaa."));
  assert.deepEqual(told, [['{tag="aaa.",pool="nonPaged"}', 2]]);
  system.detach();
});

test("labels of the program stand in every line, and those that cannot be are refused", () => {
  const system = System.create(SMALL);
  const snapshot = system.snapshot();
  const lines = prometheusText(snapshot, { labels: { service: 'a"b' } }).split("\n");
  const values = lines.filter((line) => line !== "" && !line.startsWith("#"));
  assert.ok(values.length > 10 && values.every((line) => line.includes('service="a\\"b"')));
  for (const labels of [{ "a-b": "" }, { __a: "" }, { pool: "" }, { "1": "" }, { a: 1 }]) {
    assert.throws(() => prometheusText(snapshot, { labels: labels as never }), {
      code: "ERR_OPTION",
    });
  }
  system.detach();
});
