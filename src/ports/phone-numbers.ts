// Port: telephone numbers.

export type PhoneNumbers = {
  /** Whether this is the code of a country whose numbers it can parse. */
  readonly isCountry: (code: string) => boolean;
  /** The E.164 form of a number as written in this country; null where it has none (10086, extensions, SIP). */
  readonly e164: (text: string, country: string) => string | null;
};
