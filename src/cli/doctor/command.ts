/**
 * `lookaside doctor`: what was found out about this runtime, as text or JSON.
 *
 * It must say what is missing where the library cannot even be loaded: so whatever touches shared memory is
 * loaded when everything else has been asked, and a failure of it is one more finding.
 */
import { catalogued, type Given } from "../arguments.js";
import { DOCTOR } from "../catalog.js";
import { EXIT } from "../failure.js";
import { wantsColor } from "../terminal/abilities.js";
import { type Piece, painted, piece, plain, type Style } from "../terminal/line.js";
import { type Finding, fact, needed, there, type Verdict } from "./finding.js";
import { hostFindings, packageFacts, runtimeName } from "./host.js";
import { memoryFindings } from "./shared-memory.js";

/** The command. */
export const doctor = catalogued(DOCTOR, runDoctor);

const MARKS: Readonly<Record<Verdict, readonly [string, Style]>> = {
  yes: ["ok", "good"],
  no: ["NO", "bad"],
  limited: ["--", "doubtful"],
  fact: ["  ", "plain"],
};

async function runDoctor(given: Given): Promise<number> {
  const findings = await examine();
  const usable = findings.every(({ verdict }) => verdict !== "no");
  const { version } = packageFacts();
  const { stdout, env } = process;
  if (given.has("json")) {
    const runtime = runtimeName();
    stdout.write(`${JSON.stringify({ version, runtime, usable, findings })}\n`);
  } else {
    const write = wantsColor(stdout, env) ? painted : plain;
    stdout.write(
      textOf(findings, usable, version)
        .map((line) => `${write(line).trimEnd()}\n`)
        .join(""),
    );
  }
  return usable ? EXIT.OK : EXIT.FAILED;
}

/** Asks everything. */
export async function examine(): Promise<readonly Finding[]> {
  return [...hostFindings(), ...(await ofMemory()), ...threads(), await ofTrial()];
}

async function ofMemory(): Promise<readonly Finding[]> {
  try {
    const { hostAbilities } = await import("../../memory/index.js");
    return memoryFindings(hostAbilities());
  } catch (error) {
    return [needed("Shared memory", false, String(error), "nothing of the library can be loaded")];
  }
}

async function ofTrial(): Promise<Finding> {
  try {
    const { trialFinding } = await import("./trial.js");
    return await trialFinding();
  } catch (error) {
    return needed("Worker threads", false, String(error), "threads are what blocks go between");
  }
}

function threads(): readonly Finding[] {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: unknown } };
  const locks = navigator?.locks !== undefined;
  return [
    fact(
      "Web Locks",
      there(locks),
      "system.watchThreads() needs them, for browsers; system.watch(worker) does without",
    ),
    fact(
      "FinalizationRegistry",
      there(typeof FinalizationRegistry === "function"),
      "finds blocks that were dropped without a free, where the verifier is asked to look for them",
    ),
    fact(
      "Symbol.dispose",
      there(typeof Symbol.dispose === "symbol"),
      "`using block = …` frees at the end of a scope; older runtimes need a compiler for it",
    ),
  ];
}

function textOf(findings: readonly Finding[], usable: boolean, version: string): Piece[][] {
  const lines = findings.flatMap(({ name, verdict, value, meaning }) => {
    const [mark, style] = MARKS[verdict];
    return [
      [piece(`  ${mark}  `, style), piece(name, "title"), piece(`: ${value}`)],
      [piece(`      ${meaning}`, "dim")],
    ];
  });
  const end = usable
    ? piece("The library can run here.", "good")
    : piece("The library cannot run here: see what is marked NO.", "bad");
  return [[piece(`lookaside ${version} on ${runtimeName()}`, "title")], [], ...lines, [], [end]];
}
