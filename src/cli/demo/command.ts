/**
 * `lookaside demo`: what it prints, when it stops, and its exit code.
 */
import type { Monitor } from "../../monitor/index.js";
import { catalogued, type Given } from "../arguments.js";
import { DEMO } from "../catalog.js";
import { EXIT } from "../failure.js";
import { counted } from "./amounts.js";
import { openStore } from "./block-way.js";
import { compare } from "./compare.js";
import { textComparison } from "./comparison.js";
import { Ledger, skipLine } from "./ledger.js";
import { depthFor } from "./lists.js";
import { manifestBytes, manifestPlace, pathInside, writeManifest } from "./manifest.js";
import { demoOptions } from "./options.js";
import { isTerminal, Progress } from "./progress.js";
import { jsonReport, textReport } from "./report.js";
import { run } from "./run.js";
import { systemFor } from "./system.js";
import { interrupted, openView } from "./view.js";
import { rootOf } from "./walk.js";

/** The command. */
export const demo = catalogued(DEMO, runDemo);

async function runDemo(given: Given): Promise<number> {
  const options = demoOptions(given);
  const root = rootOf(options.folder);
  const place = options.manifest === null ? null : manifestPlace(options.manifest);
  const { stderr, stdout, env } = process;
  const progress = new Progress(stderr, env);
  const ledger = new Ledger((skip) => {
    if (!options.quiet || skip.kind === "error") progress.line(skipLine(skip));
  });
  const interrupt = new AbortController();
  // Once: a second Ctrl-C finds no listener, and so ends the process at once.
  const stop = (): void => {
    progress.end();
    progress.line("Interrupted: stopping; Ctrl-C again ends at once");
    interrupt.abort();
  };
  process.once("SIGINT", stop);
  const system = systemFor(options);
  let view: Monitor | null = null;
  try {
    if (options.monitor !== null) {
      view = await openView(system, options.monitor);
      progress.line(`Watch it live: ${view.url}`);
    }
    const manifest = place === null ? null : pathInside(place, options.folder);
    const measure = !options.quiet && isTerminal(stderr, env);
    const setting = {
      options,
      system,
      store: openStore(system, depthFor(options)),
      root,
      manifest,
      ledger,
      progress,
      measure,
      interrupt: interrupt.signal,
    };
    const result = await run(setting);
    if (!options.json) stdout.write(textReport(result));
    if (place !== null && !result.interrupted) {
      writeManifest(place, manifestBytes(result.paths, ledger.digests));
      if (!options.quiet) progress.line(`The manifest has ${counted(ledger.files, "line")}`);
    }
    const comparison =
      options.compare && !result.interrupted ? await compare(setting, result) : null;
    if (options.json) stdout.write(`${JSON.stringify(jsonReport(result, comparison))}\n`);
    else if (comparison !== null) stdout.write(textComparison(comparison));
    if (result.interrupted && place !== null) progress.line("No manifest was written");
    if (view !== null && !interrupt.signal.aborted) {
      process.off("SIGINT", stop);
      progress.line("The page stays up until Ctrl-C");
      await interrupted();
    }
    if (interrupt.signal.aborted) return EXIT.INTERRUPTED;
    if (result.problems.length > 0) return EXIT.FAILED;
    return ledger.count("error") > 0 ? EXIT.FAILED : EXIT.OK;
  } finally {
    progress.end();
    process.off("SIGINT", stop);
    await view?.close();
    system.close();
  }
}
