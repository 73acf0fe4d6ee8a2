// The legal basis of a recording; it decides the purposes that people may listen for.

/** Kinds of legal basis (GDPR Art. 6, PIPL Art. 13); `none` keeps a recording in quarantine. */
export const BASIS_KINDS = ['consent', 'contract', 'legal-obligation', 'legitimate-interest', 'none'] as const;
export type BasisKind = (typeof BASIS_KINDS)[number];

/** The basis, as part of a recording's facts. */
export type Basis = {
  readonly kind: BasisKind;
  /** When the notice was given or the consent taken, RFC 3339. */
  readonly at?: string;
  /** Language of the notice. */
  readonly language?: string;
  /** Where the platform keeps the evidence, in its own words. */
  readonly evidence?: string;
  /** True where the deposit named no basis and the tenant's default applies; else absent. */
  readonly defaulted?: true;
  /** When the subject withdrew the consent, and for which purposes. */
  readonly withdrawn?: { readonly at: string; readonly purposes: readonly string[] };
};

/** Whether a text is a kind of basis. */
export function isBasisKind(text: string): text is BasisKind {
  return (BASIS_KINDS as readonly string[]).includes(text);
}
