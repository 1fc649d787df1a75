/**
 * `lookaside demo`: what it prints, when it stops, and its exit code.
 */
import type { Command } from "../command.js";
import { EXIT } from "../failure.js";
import { counted } from "./amounts.js";
import { Ledger, skipLine } from "./ledger.js";
import { manifestBytes, manifestPlace, pathInside, writeManifest } from "./manifest.js";
import { HELP, parseDemoOptions } from "./options.js";
import { isTerminal, Progress } from "./progress.js";
import { jsonReport, textReport } from "./report.js";
import { run } from "./run.js";
import { rootOf } from "./walk.js";

/** The command. */
export const demo: Command = { run: runDemo };

async function runDemo(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args);
  if (options === "help") {
    process.stdout.write(`${HELP}\n`);
    return EXIT.OK;
  }
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
  try {
    const manifest = place === null ? null : pathInside(place, options.folder);
    const measure = !options.quiet && isTerminal(stderr, env);
    const setting = {
      options,
      root,
      manifest,
      ledger,
      progress,
      measure,
      interrupt: interrupt.signal,
    };
    const result = await run(setting, (outcome) => {
      stdout.write(options.json ? `${JSON.stringify(jsonReport(outcome))}\n` : textReport(outcome));
    });
    if (result.interrupted) {
      if (place !== null) progress.line("No manifest was written");
      return EXIT.INTERRUPTED;
    }
    if (place !== null) {
      writeManifest(place, manifestBytes(result.paths, ledger.digests));
      if (!options.quiet) progress.line(`The manifest has ${counted(ledger.files, "line")}`);
    }
    return ledger.count("error") > 0 ? EXIT.FAILED : EXIT.OK;
  } finally {
    progress.end();
    process.off("SIGINT", stop);
  }
}
