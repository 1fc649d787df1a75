/**
 * Puts what the live page is made of, besides compiled modules, where the package has it:
 * `dist/monitor/page`.
 *
 * Page and styles are ours; the charts are uPlot's, as its authors ship it, with its licence. So the library
 * needs no package at run time, and the page needs nothing from anywhere else.
 */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const source = new URL("src/monitor/page/", root);
const target = new URL("dist/monitor/page/", root);
const uplot = new URL("node_modules/uplot/", root);

/** Files of uPlot by the names that the page knows them by. */
const VENDORED = {
  "uplot.min.js": "dist/uPlot.iife.min.js",
  "uplot.min.css": "dist/uPlot.min.css",
  "uplot-licence.txt": "LICENSE",
} as const;

mkdirSync(target, { recursive: true });
for (const name of readdirSync(source)) {
  if (/\.(?:html|css|svg)$/.test(name)) copyFileSync(new URL(name, source), new URL(name, target));
}
for (const [name, path] of Object.entries(VENDORED)) {
  copyFileSync(new URL(path, uplot), new URL(name, target));
}
