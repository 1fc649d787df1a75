/**
 * A reporter for Node's test runner that writes one JSON line for each test titled by clause ids,
 * and nothing else:
 *
 *   node --test --test-reporter=./build/tools/conformance/reporter.js FILES
 */
import type { TestEvent } from "node:test/reporters";
import type { Outcome, Result } from "./results.js";
import { leadingIds } from "./scan.js";

async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const ids = leadingIds(event.data.name);
    if (ids.length === 0) continue;
    const result: Result = { ids, title: event.data.name, outcome: outcomeOf(event) };
    yield `${JSON.stringify(result)}\n`;
  }
}

function outcomeOf(event: Extract<TestEvent, { type: "test:pass" | "test:fail" }>): Outcome {
  const { skip, todo } = event.data;
  if (skip !== undefined || todo !== undefined) return "skipped";
  return event.type === "test:pass" ? "passed" : "failed";
}

export { report as default }; // tidy: node asks a reporter module for its default
