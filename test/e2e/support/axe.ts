// What axe finds on a page, in a line each.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** All of it: the rule, and what it is about. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
}

/** Serious and critical findings: the rule, and what it is about. */
export async function seriousAxeFindings(page: Page): Promise<string[]> {
  // In one page: the other way opens a blank one. Without preloading: it writes a style into shadow roots, which the
  // content policy refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ preload: false }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    );
}
