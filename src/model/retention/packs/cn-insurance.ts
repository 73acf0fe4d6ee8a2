// China, insurance: sales recordings are kept from the end of the contract, disputed ones from the end of the dispute.
import { type Pack, REST } from './pack.ts';

export const cnInsurance: Pack = {
  id: 'cn-insurance',
  grace: 'P7D',
  keep: [
    { id: 'sales-short', when: { 'field:cover': ['up-to-1-year'] }, from: 'event:contract-ended', for: 'P5Y' },
    { id: 'sales-long', when: { 'field:cover': ['over-1-year'] }, from: 'event:contract-ended', for: 'P10Y' },
    { id: 'disputes', when: { 'field:disputed': ['yes'] }, from: 'event:dispute-ended', for: 'P2Y' },
    { id: 'outbound', when: { direction: ['outbound'] }, from: 'call', for: 'P30D' },
  ],
  erase: [{ ...REST, for: 'P6M' }],
};
