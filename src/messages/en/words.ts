// English words for what the API names by a code: roles, purposes, objects, states, directions, bases.

export const words = {
  roles: {
    uploader: 'Uploader',
    reviewer: 'Reviewer',
    supervisor: 'Supervisor',
    privacy: 'Privacy officer',
    auditor: 'Auditor',
    admin: 'Administrator',
    operator: 'Operator',
  },
  purposes: {
    quality: 'Quality',
    complaint: 'Complaint',
    training: 'Training',
    dispute: 'Dispute',
    legal: 'Legal',
    'subject-request': 'Subject request',
  },
  objects: { audio: 'Listen', transcript: 'Transcript' },
  directions: { inbound: 'Inbound', outbound: 'Outbound', internal: 'Internal' },
  bases: {
    consent: 'Consent',
    contract: 'Contract',
    'legal-obligation': 'Legal obligation',
    'legitimate-interest': 'Legitimate interest',
    none: 'Missing',
  },
  states: {
    expected: 'Expected',
    available: 'Available',
    erasing: 'Being erased',
    erased: 'Erased',
    quarantined: 'Quarantined',
    requested: 'Waiting',
    approved: 'Approved',
    denied: 'Refused',
    cancelled: 'Withdrawn',
    expired: 'Expired',
    revoked: 'Ended',
    consumed: 'Used up',
  },
  quarantine: {
    basis: 'no legal basis',
    integrity: 'fails its integrity check',
    rebuilt: 'rebuilt, not yet checked',
  },
} as const;
