// European Union and United Kingdom, finance: calls about orders are kept for 5 years from the call.
import { type Pack, REST } from './pack.ts';

export const euUkFinance: Pack = {
  id: 'eu-uk-finance',
  grace: 'P7D',
  keep: [
    { id: 'orders-eu', when: { 'field:regime': ['mifid'] }, from: 'call', for: 'P5Y' },
    { id: 'orders-uk', when: { 'field:regime': ['fca'] }, from: 'call', for: 'P5Y' },
  ],
  erase: [{ ...REST, for: 'P6M' }],
};
