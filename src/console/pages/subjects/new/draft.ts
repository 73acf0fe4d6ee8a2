// A request as its form has it: what is missing or wrong, and the body to send.
import type { AnswerLanguage, Channel, Kind, Relation } from '../../../subjects/types.ts';

export const CHANNELS: readonly Channel[] = ['letter', 'e-mail', 'phone', 'web', 'in-person', 'other'];
export const RELATIONS: readonly Relation[] = ['self', 'representative', 'relative'];
/** In the order of the form: what people ask most first. */
export const KINDS: readonly Kind[] = ['access', 'erase', 'withdraw', 'rectify', 'restrict', 'object'];
export const MAX_NUMBERS = 20;
export const MAX_TEXT = 2_000;

export type Draft = {
  readonly kinds: readonly Kind[];
  readonly channel: Channel;
  /** A day, such as 2026-11-12. */
  readonly received: string;
  readonly numbers: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly name: string;
  readonly relation: Relation;
  readonly asks: string;
  readonly copies: boolean;
  readonly language: AnswerLanguage;
};

/** An empty form. */
export function newDraft(today: string, language: AnswerLanguage): Draft {
  return {
    ...{ kinds: [], channel: 'letter', received: today, numbers: [], fields: {}, name: '', relation: 'self' },
    ...{ asks: '', copies: false, language },
  };
}

/** Where something is missing or wrong. */
export type Place = 'kinds' | 'received' | 'numbers' | 'fields' | 'name' | 'asks';
export type Fault =
  | { readonly place: Place; readonly fault: 'kinds' | 'received' | 'person' | 'many' }
  | { readonly place: Place; readonly fault: 'number'; readonly number: string };

/** A number, however it is grouped; the service reads it in full. */
const NUMBER = /^\+?(?:[\s().-]*\d){5,20}[\s().-]*$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What is missing or wrong, in the order of the form. */
export function faultsOf(draft: Draft, today: string): readonly Fault[] {
  const { kinds, received, numbers } = draft;
  const wrong = numbers.find((number) => !NUMBER.test(number.trim()));
  const faults: readonly (Fault | null)[] = [
    kinds.length === 0 ? { place: 'kinds', fault: 'kinds' } : null,
    !DAY.test(received) || received > today ? { place: 'received', fault: 'received' } : null,
    wrong === undefined ? null : { place: 'numbers', fault: 'number', number: wrong },
    numbers.length > MAX_NUMBERS ? { place: 'numbers', fault: 'many' } : null,
    numbers.length === 0 && Object.keys(givenFields(draft)).length === 0 ? { place: 'numbers', fault: 'person' } : null,
  ];
  return faults.filter((fault) => fault !== null);
}

function givenFields({ fields }: Draft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
  );
}

/** The body of the request. `received` is the start of its day in the tenant's zone; absent: today. */
export function bodyOf(draft: Draft, received: string | null): object {
  const { kinds, channel, numbers, name, relation, asks, copies, language } = draft;
  const fields = givenFields(draft);
  const person = {
    ...{ relation, channel, language, copies: copies && kinds.includes('access') },
    ...(numbers.length === 0 ? {} : { numbers: numbers.map((number) => number.trim()) }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(asks.trim() === '' ? {} : { asks: asks.trim() }),
  };
  return { kinds: KINDS.filter((kind) => kinds.includes(kind)), ...(received === null ? {} : { received }), person };
}

/** The place of the form that a problem of the service points at; null where no field has it. */
export function placeOf(pointer: string): Place | null {
  const [, top = '', part = ''] = pointer.split('/');
  const named = top === 'person' ? part : top;
  const places: readonly Place[] = ['kinds', 'received', 'numbers', 'fields', 'name', 'asks'];
  return places.find((place) => place === named) ?? null;
}
