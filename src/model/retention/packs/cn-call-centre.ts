// China, call centre: outbound calls at least 30 days, everything erased in the end.
import { type Pack, REST } from './pack.ts';

export const cnCallCentre: Pack = {
  id: 'cn-call-centre',
  grace: 'P7D',
  keep: [{ id: 'outbound', when: { direction: ['outbound'] }, from: 'call', for: 'P30D' }],
  erase: [{ ...REST, for: 'P6M' }],
};
