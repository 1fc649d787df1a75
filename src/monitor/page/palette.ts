/**
 * Colours of colours.css as canvases need them: resolved for the scheme that is shown. A custom property
 * keeps `light-dark(…)` as it is written; only the colour of an element is resolved.
 */

/** Names of the colours that are drawn with: `--name` in colours.css. */
const NAMES = [
  "ink",
  "quiet",
  "grid",
  "surface",
  "depth",
  "ceiling",
  "parked",
  "allocate",
  "free",
  "miss",
  "cell-empty",
  "cell-line",
  "nonpaged-held",
  "nonpaged-parked",
  "nonpaged-free",
  "paged-held",
  "paged-parked",
  "paged-free",
] as const;

/** A colour by its name. */
export type ColourName = (typeof NAMES)[number];
export type Palette = Readonly<Record<ColourName, string>>;

/** Reads all colours. */
export function readPalette(): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const found = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(found) as Palette;
}

/** The same colour, let through. `colour` is `rgb(…)` as the browser resolves it. */
export function fainter(colour: string, opacity: number): string {
  return colour.replace(/^rgb\((.*)\)$/, (_, parts: string) => `rgba(${parts}, ${opacity})`);
}
