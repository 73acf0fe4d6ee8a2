// English texts of the erasures page.

export const erasures = {
  title: 'Erasures',
  line: 'What was made permanently unreadable, with a signed certificate of each',
  reason: 'Reason',
  any: 'Any',
  reasons: {
    request: 'Request of the person',
    retention: 'End of retention',
    'court-order': 'Court order',
    error: 'Recorded in error',
  },
  column: {
    at: 'Begun',
    why: 'Reason',
    recordings: 'Recordings',
    by: 'By',
    certificate: 'Certificate',
  },
  event: 'Event {{event}} of the log',
  change: 'The change that caused it',
  rules: 'The rules that caused it',
  subject: 'The request that caused it',
  system: 'Expiry',
  system_decided: 'callvault, as two people decided',
  unfinished_one: '{{count}} is being erased',
  unfinished_other: '{{count}} are being erased',
  download: 'Download',
  download_of: 'Download the certificate of event {{event}}',
  issued: 'The certificate is downloaded. The log records it.',
  not_available:
    'This service cannot issue the certificate: it has no private key to sign with, or its database lacks a part of the erasure. Ask an operator.',
  more: 'Show more',
  error: 'The erasures could not be loaded',
  empty: 'No erasures',
  empty_text: 'No recording has been erased yet.',
  empty_reason: 'No erasures for this reason',
} as const;
