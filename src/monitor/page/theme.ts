/** Light or dark: as the system says, until a person says otherwise; remembered where the browser allows. */
import { byId, setText } from "./dom.js";

const KEY = "lookaside-monitor-theme";
const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** The theme after another, round and round. */
export function nextTheme(theme: string): Theme {
  const index = THEMES.indexOf(theme as Theme);
  return THEMES[(index + 1) % THEMES.length] as Theme;
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? "system";
  } catch {
    return "system"; // storage is forbidden here
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Forbidden: it lasts as long as the page.
  }
}

/** Sets the theme, wires its button, and calls `changed` whenever colours are others. */
export function startTheme(changed: () => void): void {
  const button = byId("theme");
  let theme = remembered();
  const apply = (): void => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    setText(button, `Theme: ${theme}`);
  };
  apply();
  button.addEventListener("click", () => {
    theme = nextTheme(theme);
    remember(theme);
    apply();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
