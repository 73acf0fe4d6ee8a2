// Starter packs: rule sets to begin with, each from clauses that are cited. They are no legal advice: tenants choose periods.
import { type RetentionRules, readRules } from '../rules.ts';
import { cnCallCentre } from './cn-call-centre.ts';
import { cnInsurance } from './cn-insurance.ts';
import { euUkFinance } from './eu-uk-finance.ts';
import type { Pack } from './pack.ts';
import { pci } from './pci.ts';
import { usBrokerDealer } from './us-broker-dealer.ts';

/** All packs, in the order in which people choose from them. */
export const PACKS: readonly Pack[] = [cnCallCentre, cnInsurance, euUkFinance, usBrokerDealer, pci];

/** The texts of a pack in one language, from the `packs` of messages' retention.ts. `does` says what the line is for. */
export type PackWords = {
  readonly title: string;
  /** What the pack needs from the tenant, and what it leaves open. */
  readonly about: string;
  /** `law` is the clause of a keeping rule. */
  readonly rules: Readonly<Record<string, { readonly name: string; readonly law?: string; readonly does: string }>>;
};

/** The rules of a pack with the names and clauses of one language. Throws `malformed` where a text is missing. */
export function rulesOfPack({ id: _, grace, keep, erase }: Pack, { rules }: PackWords): RetentionRules {
  const named = <T extends { readonly id: string }>(rule: T) => ({ ...rule, name: rules[rule.id]?.name });
  return readRules({
    v: 1,
    grace,
    keep: keep.map((rule) => ({ ...named(rule), law: rules[rule.id]?.law })),
    erase: erase.map(named),
  });
}
