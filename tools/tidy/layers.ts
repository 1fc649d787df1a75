/**
 * Rules `layer`, `door` and `dependency`: folders of `src/` are layers, each imports only layers below it,
 * across layers only through the front door `index.ts`, and the library imports no package at all.
 *
 * Siblings (pool and threads, verifier and metrics) never meet: what both need lies below both.
 */
import { posix } from "node:path";
import { isSource } from "./places.js";
import type { Problem } from "./problem.js";
import { type Literal, lineAt, type SourceFile } from "./source-file.js";

const TO_MEMORY = ["base", "memory"];
const TO_CHANNEL = [...TO_MEMORY, "pool", "threads"];
const TO_LIST = [...TO_CHANNEL, "channel", "list"];
const TO_SYSTEM = [...TO_LIST, "recovery", "system"];
const TO_WDK = [...TO_SYSTEM, "wdk"];
const TO_ALL = [...TO_WDK, "wdk/guest", "verifier", "metrics", "monitor", "cli"];

/** For each layer, the layers it may import besides itself. */
export const LAYERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["base", []],
  ["memory", ["base"]],
  ["pool", TO_MEMORY],
  ["threads", TO_MEMORY],
  ["channel", TO_CHANNEL],
  ["list", [...TO_CHANNEL, "channel"]],
  ["recovery", TO_LIST],
  ["system", [...TO_LIST, "recovery"]],
  ["wdk", TO_SYSTEM],
  ["wdk/guest", TO_WDK],
  ["verifier", TO_SYSTEM],
  ["metrics", TO_SYSTEM],
  ["monitor", TO_ALL],
  ["cli", TO_ALL],
]);

/** The layer of a path: the longest folder that is one. */
export function layerOf(path: string): string | undefined {
  const [root, ...folders] = path.split("/").slice(0, -1);
  if (root !== "src") return undefined;
  for (let length = folders.length; length > 0; length--) {
    const name = folders.slice(0, length).join("/");
    if (LAYERS.has(name)) return name;
  }
  return undefined;
}

/** The path in the tree that a relative specifier means. */
export function resolveImport(importer: string, specifier: string): string {
  const target = posix.join(posix.dirname(importer), specifier);
  return target.replace(/\.(m?)js$/, ".$1ts");
}

/** Checks one file of the library. */
export function checkLayers(file: SourceFile): Problem[] {
  if (!isSource(file.path)) return [];
  const layer = layerOf(file.path);
  if (layer === undefined) return [homeless(file)];
  return file.imports.flatMap((named) => {
    const line = lineAt(file.text, named.start);
    const found = checkImport(file.path, layer, named);
    return found === undefined ? [] : [{ ...found, path: file.path, line }];
  });
}

type Finding = Pick<Problem, "rule" | "message" | "instead">;

function checkImport(path: string, layer: string, { value }: Literal): Finding | undefined {
  if (value.startsWith("node:")) return undefined; // rule `node` decides
  if (!value.startsWith(".")) {
    return {
      rule: "dependency",
      message: `the library imports "${value}"`,
      instead: "a relative import; the library has no dependencies",
    };
  }
  const target = resolveImport(path, value);
  const targetLayer = layerOf(target);
  if (targetLayer === layer) return undefined;
  if (targetLayer === undefined) {
    return {
      rule: "layer",
      message: `"${value}" belongs to no layer`,
      instead: `a file of ${[layer, ...(LAYERS.get(layer) ?? [])].join(", ")}`,
    };
  }
  if (!LAYERS.get(layer)?.includes(targetLayer)) return arrow(layer, targetLayer);
  if (target === `src/${targetLayer}/index.ts`) return undefined;
  const door = posix.relative(posix.dirname(path), `src/${targetLayer}/index.js`);
  return {
    rule: "door",
    message: `"${value}" reaches past the door of ${targetLayer}`,
    instead: `import from "${door}" and export the name there`,
  };
}

function arrow(layer: string, targetLayer: string): Finding {
  const below = LAYERS.get(layer) ?? [];
  return {
    rule: "layer",
    message: `${layer} may not import ${targetLayer}`,
    instead:
      below.length === 0
        ? `nothing: ${layer} imports no layer`
        : `move what both need into ${below.at(-1)} or below, or take it as an argument`,
  };
}

function homeless(file: SourceFile): Problem {
  return {
    path: file.path,
    line: 1,
    rule: "layer",
    message: "the file belongs to no layer",
    instead: `a file in one of ${[...LAYERS.keys()].map((name) => `src/${name}`).join(", ")}`,
  };
}
