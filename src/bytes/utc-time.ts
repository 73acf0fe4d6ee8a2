// UTC times of the format: one spelling each, so that equal times are equal texts and order as texts.

const FORM = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a text is `YYYY-MM-DDThh:mm:ss.sssZ` and names a time of the years 0001 to 9999. */
export function isUtcTime(text: string): boolean {
  if (!FORM.test(text)) return false;
  const time = new Date(text);
  // Date reads the 30th of February as a day in March, and 24:00 as the next day.
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
