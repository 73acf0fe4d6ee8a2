// United States, broker-dealer: communications that the firm must preserve are kept for 3 years from the call.
import { type Pack, REST } from './pack.ts';

export const usBrokerDealer: Pack = {
  id: 'us-broker-dealer',
  grace: 'P7D',
  keep: [{ id: 'communications', when: { 'field:regime': ['sec'] }, from: 'call', for: 'P3Y' }],
  erase: [{ ...REST, for: 'P1Y' }],
};
