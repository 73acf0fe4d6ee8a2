// Payment cards: recordings marked as having card codes are erased first.
import { type Pack, REST } from './pack.ts';

export const pci: Pack = {
  id: 'pci',
  grace: 'P1D',
  keep: [],
  erase: [
    { id: 'card-codes', when: { 'field:card-codes': ['yes'] }, from: 'call', for: 'P1D' },
    { ...REST, for: 'P6M' },
  ],
};
