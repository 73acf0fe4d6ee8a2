// English texts of retention rules: what each rule says, and the starter packs.
import { words } from './words.ts';

export const retention = {
  explain: {
    columns: {
      rule: 'RULE',
      name: 'NAME',
      clause: 'CLAUSE',
      recordings: 'RECORDINGS',
      effect: 'WHAT IT DOES',
      count: 'DECIDES',
    },
    no_clause: '–',
    all: 'all recordings',
    all_others: 'all other recordings',
    attribute: {
      queue: 'queue',
      source: 'source',
      direction: 'direction',
      language: 'language',
      sensitivity: 'sensitivity',
      basis: 'legal basis',
    },
    field: 'field {{name}}',
    condition: '{{name}}: {{texts}}',
    or: ' or ',
    and: '; ',
    values: { direction: words.directions, sensitivity: words.sensitivities, basis: words.bases },
    period: words.period,
    event: {
      'contract-ended': 'the contract ended',
      'dispute-ended': 'the dispute ended',
      other: 'the event {{name}}',
    },
    keeps: {
      call: 'keeps for {{period}} from the call',
      event: 'keeps for {{period}} after {{event}}, and for ever while that is not reported',
      event_most: 'keeps for {{period}} after {{event}}, and for {{most}} from the call while that is not reported',
    },
    erases: {
      call: 'erases {{period}} after the call',
      event: 'erases {{period}} after {{event}}, and never while that is not reported',
      event_most: 'erases {{period}} after {{event}}, and {{most}} after the call while that is not reported',
      never: 'never erases',
    },
    grace: 'A recording that becomes due earlier than before is kept for {{period}} more.',
  },
  packs: {
    'cn-call-centre': {
      title: 'China: call centre',
      about:
        'Deposits must have the direction of each call, and evidence of consent with outbound calls. Choose how long to keep all other calls: the law names no period, only the shortest time needed.',
      rules: {
        outbound: {
          name: 'Outbound calls',
          law: 'MIIT (2020) 81',
          does: 'Keeps outbound calls for at least 30 days, with the numbers, the time and the proof of consent in their facts.',
        },
        rest: {
          name: 'All calls (PIPL 19)',
          does: 'Erases every call in the end, so that none is kept for longer than needed.',
        },
      },
    },
    'cn-insurance': {
      title: 'China: insurance sales',
      about:
        'Set the field cover on each sales call to up-to-1-year or over-1-year, and the field disputed to yes. Report the events contract-ended and dispute-ended: until then these calls are kept for ever.',
      rules: {
        'sales-short': {
          name: 'Sales, cover of up to 1 year',
          law: 'Insurance sales, traceability measures (2017)',
          does: 'Keeps sales calls for at least 5 years from the end of the contract.',
        },
        'sales-long': {
          name: 'Sales, cover of more than 1 year',
          law: 'Insurance sales, traceability measures (2017)',
          does: 'Keeps sales calls for at least 10 years from the end of the contract.',
        },
        disputes: {
          name: 'Disputed sales',
          law: 'Insurance sales, traceability measures (2017)',
          does: 'Keeps calls in dispute for at least 2 years from the end of the dispute. A legal hold keeps them too.',
        },
        outbound: {
          name: 'Outbound calls',
          law: 'MIIT (2020) 81',
          does: 'Keeps outbound calls for at least 30 days, with the numbers, the time and the proof of consent in their facts.',
        },
        rest: {
          name: 'All calls (PIPL 19)',
          does: 'Erases calls after 6 months, or once the rules above no longer keep them.',
        },
      },
    },
    'eu-uk-finance': {
      title: 'EU and UK: finance',
      about:
        'Set the field regime on calls about orders to mifid or fca. Where an authority asks for 7 years, set retain_until on its recordings.',
      rules: {
        'orders-eu': {
          name: 'Orders, EU',
          law: 'MiFID II 16(7); Del. Reg. 2017/565 Art. 76',
          does: 'Keeps calls about orders for 5 years from the call.',
        },
        'orders-uk': {
          name: 'Orders, UK',
          law: 'FCA SYSC 10A.1.15',
          does: 'Keeps calls about orders for 5 years from the call.',
        },
        rest: {
          name: 'All calls (GDPR 5(1)(e))',
          does: 'Erases calls after 6 months, or once the rules above no longer keep them.',
        },
      },
    },
    'us-broker-dealer': {
      title: 'US: broker-dealer',
      about:
        'Set the field regime on calls that the firm must preserve to sec. The log is the audit trail that SEC 17a-4(f) accepts in place of write-once storage.',
      rules: {
        communications: {
          name: 'Communications of the business',
          law: 'SEC 17a-4(b)(4)',
          does: 'Keeps calls that must be preserved for 3 years from the call.',
        },
        rest: {
          name: 'All calls',
          does: 'Erases calls after 1 year, or once the rule above no longer keeps them.',
        },
      },
    },
    pci: {
      title: 'Payment cards (PCI DSS)',
      about:
        'Pause recording while a card is read out. Set the field card-codes to yes on recordings that have a card code after all, or erase them at once for the reason error. A rule that keeps them still wins: PCI DSS does not override retention law.',
      rules: {
        'card-codes': {
          name: 'Card codes in audio (PCI DSS 4.0.1 3.3.1)',
          does: 'Erases marked recordings as early as a rule can, a day after the call.',
        },
        rest: {
          name: 'All other calls',
          does: 'Erases calls after 6 months.',
        },
      },
    },
  },
} as const;
