// Talk ratio: shares of the call, and the longest monologue.

import { gapsBetween, intersectSpans, mergeSpans, type Span, totalOf } from '../time/spans.ts';
import type { Marks } from './marks.ts';

/** Whole per cent: agent only, customer only, silence, both. */
export type Talk = {
  readonly agent: number;
  readonly customer: number;
  readonly silence: number;
  readonly crossTalk: number;
  readonly monologue: (Span & { readonly channel: number }) | null;
};

/** Null without any detected speech. */
export function talkOf({ voices }: Pick<Marks, 'voices'>, duration: number): Talk | null {
  const [agent, customer] = voices;
  if (duration <= 0 || agent.length + customer.length === 0) return null;
  const percent = (ms: number): number => Math.round((ms / duration) * 100);
  const both = totalOf(intersectSpans(agent, customer));
  const nobody = totalOf(gapsBetween(mergeSpans([...agent, ...customer]), { start: 0, end: duration }));
  const runs = [longestMonologue(agent, customer, 0), longestMonologue(customer, agent, 1)];
  const longest = runs.reduce((one, other) => (spanLength(other) > spanLength(one) ? other : one), null);
  return {
    agent: percent(totalOf(agent) - both),
    customer: percent(totalOf(customer) - both),
    silence: percent(nobody),
    crossTalk: percent(both),
    monologue: longest,
  };
}

/** A short interjection or a breath does not end a monologue; a longer turn or pause does. */
const INTERJECTION_MS = 1000;
const LONG_PAUSE_MS = 5000;

function longestMonologue(own: readonly Span[], others: readonly Span[], channel: number): Talk['monologue'] {
  let [longest, run]: [Span | null, Span | null] = [null, null];
  for (const span of own) {
    const between: Span | null = run === null ? null : { start: run.end, end: span.start };
    const goesOn: boolean =
      between !== null &&
      between.end - between.start < LONG_PAUSE_MS &&
      totalOf(intersectSpans(others, [between])) < INTERJECTION_MS;
    run = run !== null && goesOn ? { start: run.start, end: span.end } : { start: span.start, end: span.end };
    if (spanLength(run) > spanLength(longest)) longest = run;
  }
  return longest === null ? null : { ...longest, channel };
}

function spanLength(span: Span | null): number {
  return span === null ? 0 : span.end - span.start;
}
