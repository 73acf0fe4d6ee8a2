// The legal basis a recording was made on: what it can be heard for hangs on it.

/** Kinds of legal basis (GDPR Art. 6, PIPL Art. 13); `none` keeps a recording in quarantine. */
export const BASIS_KINDS = ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'] as const;
export type BasisKind = (typeof BASIS_KINDS)[number];

/** The basis as it stands in the facts of a recording. */
export type Basis = {
  readonly kind: BasisKind;
  /** When the notice was given or the consent taken, RFC 3339. */
  readonly at?: string;
  /** Language of the notice. */
  readonly language?: string;
  /** Where the proof is kept, in the platform's own words. */
  readonly evidence?: string;
  /** Present and true where the deposit said nothing and the tenant's default was taken. */
  readonly defaulted?: true;
};

/** Whether a text is a kind of basis. */
export function isBasisKind(text: string): text is BasisKind {
  return (BASIS_KINDS as readonly string[]).includes(text);
}
