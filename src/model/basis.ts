// The legal basis of a recording; it decides the purposes that people may listen for.

/** Kinds of legal basis (GDPR Art. 6, PIPL Art. 13); `none` keeps a recording in quarantine. */
export const BASIS_KINDS = ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'] as const;
export type BasisKind = (typeof BASIS_KINDS)[number];

/** A version of a notice that callers hear. */
export type NoticeReference = { readonly id: string; readonly version: number };

const NOTICE_VERSION = /^(ntc_[0-7][0-9a-hjkmnp-tv-z]{25})\/([1-9]\d{0,8})$/;

/** The notice that a text such as `ntc_…/2` names; null where it has another form. */
export function noticeIn(text: string): NoticeReference | null {
  const [, id, version] = NOTICE_VERSION.exec(text) ?? [];
  return id === undefined ? null : { id, version: Number(version) };
}

/** A withdrawal of consent: when, and for which purposes; without one, for all. */
export type Withdrawn = { readonly at: string; readonly purposes: readonly string[] };

/** The basis, as part of a recording's facts. */
export type Basis = {
  readonly kind: BasisKind;
  /** When the notice was given or the consent taken, RFC 3339. */
  readonly at?: string;
  /** Language of the notice. */
  readonly language?: string;
  /** Where the platform keeps the evidence, in its own words. */
  readonly evidence?: string;
  readonly notice?: NoticeReference;
  /** How the notice was given or the consent taken, as `ivr` or `agent`. */
  readonly channel?: string;
  /** Where it is heard in the audio. */
  readonly offset_ms?: number;
  /** Whether it is separate consent to sensitive data (PIPL Art. 29). */
  readonly separate?: boolean;
  /** Set by a withdrawal alone; a later basis takes its place. */
  readonly withdrawn?: Withdrawn;
  /** True where the deposit named no basis and the tenant's default applies; else absent. */
  readonly defaulted?: true;
  /** True where the tenant had no notice of this id and version when the basis was stored; else absent. */
  readonly notice_unknown?: true;
};

/** What a policy asks of consent: that the call itself says it; that, or a notice that the tenant always plays; or neither. */
export const CONSENT_RULES = ['stated', 'noticed', 'any'] as const;
export type ConsentRule = (typeof CONSENT_RULES)[number];

/**
 * How consent came into a recording's facts: the call said so; the tenant's default, which names the notice that is always
 * played, or which names none; or with a notice that the tenant does not have.
 */
export const CONSENT_SOURCES = ['stated', 'noticed', 'defaulted', 'unknown-notice'] as const;
export type ConsentSource = (typeof CONSENT_SOURCES)[number];

/** How consent came into the facts; null where the basis is no consent. */
export function consentSourceOf(basis: Basis): ConsentSource | null {
  if (basis.kind !== 'consent') return null;
  if (basis.notice_unknown === true) return 'unknown-notice';
  if (basis.defaulted !== true) return 'stated';
  return basis.notice === undefined ? 'defaulted' : 'noticed';
}

/** Why a basis is not the consent that a policy asks for; null where it is, or is no consent. */
export function consentFault(
  basis: Basis,
  rule: ConsentRule,
): 'consent_not_stated' | 'consent_not_noticed' | 'notice_unknown' | null {
  const source = rule === 'any' ? null : consentSourceOf(basis);
  if (source === null || source === 'stated' || source === rule) return null;
  if (source === 'unknown-notice') return 'notice_unknown';
  return rule === 'stated' ? 'consent_not_stated' : 'consent_not_noticed';
}

/** Whether a text is a kind of basis. */
export function isBasisKind(text: string): text is BasisKind {
  return (BASIS_KINDS as readonly string[]).includes(text);
}

/** Purposes that need no consent: the law itself asks for them. */
const WITHOUT_CONSENT: readonly string[] = ['legal', 'subject-request'];

/** Whether a purpose is served although consent was withdrawn or the recording is restricted. */
export function needsNoConsent(purpose: string): boolean {
  return WITHOUT_CONSENT.includes(purpose);
}

/** Whether consent was withdrawn for a purpose. */
export function isWithdrawnFor({ kind, withdrawn }: Pick<Basis, 'kind' | 'withdrawn'>, purpose: string): boolean {
  if (kind !== 'consent' || withdrawn === undefined || needsNoConsent(purpose)) return false;
  return withdrawn.purposes.length === 0 || withdrawn.purposes.includes(purpose);
}

/** What is withdrawn after another withdrawal; the same object where that adds nothing. */
export function withdrawnAfter(before: Withdrawn | undefined, { at, purposes }: Withdrawn): Withdrawn {
  if (before === undefined) return { at, purposes: [...purposes].sort() };
  if (before.purposes.length === 0) return before;
  if (purposes.length === 0) return { at, purposes: [] };
  const all = [...new Set([...before.purposes, ...purposes])].sort();
  return all.length === before.purposes.length ? before : { at, purposes: all };
}
