// What a browser test measured, said where the run is read. It decides nothing: machines differ.

/** Says how long something took. */
export function reportMeasurement(what: string, milliseconds: number): void {
  process.stdout.write(`measured: ${what} ${Math.round(milliseconds)} ms\n`);
}
