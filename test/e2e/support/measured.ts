// Measurements of browser tests, printed with the run. They decide nothing, because machines differ.

/** Prints a duration. */
export function reportMeasurement(what: string, milliseconds: number): void {
  process.stdout.write(`measured: ${what} ${Math.round(milliseconds)} ms\n`);
}
