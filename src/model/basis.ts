// The legal basis of a recording; it decides the purposes that people may listen for.

/** Kinds of legal basis (GDPR Art. 6, PIPL Art. 13); `none` keeps a recording in quarantine. */
export const BASIS_KINDS = ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'] as const;
export type BasisKind = (typeof BASIS_KINDS)[number];

/** A version of a notice that callers hear. */
export type NoticeReference = { readonly id: string; readonly version: number };

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
};

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
