/**
 * The line that shows a fault again. Names contain what a shell would take for its own, so all is quoted.
 */

/** What to type. */
export function againLine(scenario: string, schedule: string, variant?: string): string {
  const quoted = (text: string): string => `"${text.replace(/["\\$`]/g, "\\$&")}"`;
  const of = variant === undefined ? "" : `--variant ${quoted(variant)} `;
  return `npm run explore -- ${of}--scenario ${quoted(scenario)} --replay ${quoted(schedule)}`;
}
