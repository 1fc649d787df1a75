/**
 * `npm run test:monitor`: the live page in a real Chromium. Installs what drives the browser into the folder
 * of those tests, once, and runs them; `npm test` leaves them out.
 *
 * `-- --keep-screenshots` puts the pictures where the README has them. The browser is that of the system:
 * `/usr/bin/chromium`, or what LOOKASIDE_CHROMIUM names.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = fileURLToPath(new URL("../../tests/monitor-browser/", import.meta.url));

/** Browsers are slow beside other work. */
const TIMEOUT = "--test-timeout=900000";
const KEEP = "--keep-screenshots";
const args = process.argv.slice(2);

function run(command: string, words: readonly string[], cwd: string): void {
  const env = {
    ...process.env,
    LOOKASIDE_BROWSER_TESTS: "1",
    ...(args.includes(KEEP) ? { LOOKASIDE_KEEP_SCREENSHOTS: "1" } : {}),
  };
  const shell = process.platform === "win32" && command === "npm";
  const { status } = spawnSync(command, words, { cwd, env, stdio: "inherit", shell });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(`${folder}node_modules`)) run("npm", ["ci", "--no-audit", "--no-fund"], folder);
const chosen = args.filter((word) => word !== KEEP);
run(
  process.execPath,
  ["build/tools/run-tests.js", ...(chosen.length > 0 ? chosen : ["tests/monitor-browser"]), TIMEOUT],
  root,
);
