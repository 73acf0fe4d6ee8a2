// What the vault needs to know of telephone numbers.

export type PhoneNumbers = {
  /** Whether there is a country of this code, whose numbers it can read. */
  readonly isCountry: (code: string) => boolean;
  /** The E.164 form of a number as it is written in this country, or null where it is none (10086, extensions, SIP). */
  readonly e164: (text: string, country: string) => string | null;
};
