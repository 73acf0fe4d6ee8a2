// Telephone numbers, by libphonenumber's numbering plans.
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { PhoneNumbers } from '../../ports/phone-numbers.ts';

/** Converts national numbers of a country to E.164. */
export function phoneNumbers(): PhoneNumbers {
  return {
    isCountry: isSupportedCountry,
    e164: (text, country) => {
      const known: CountryCode | undefined = isSupportedCountry(country) ? country : undefined;
      const number = parsePhoneNumberFromString(text.normalize('NFKC'), known);
      return number?.isValid() === true ? number.number : null;
    },
  };
}
