// Forms of a legal basis as platforms and people give it: as texts of headers, and as a member of JSON.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import type { FieldError } from '../errors.ts';
import { type Basis, isBasisKind, noticeIn } from './basis.ts';
import { TEXT_FORMS } from './fact-forms.ts';

const TEXTS = ['at', 'language', 'evidence', 'channel'] as const;
const OTHERS = ['notice', 'offset_ms', 'separate'] as const;

/** The members that can be given beside the kind. */
export const BASIS_MEMBERS: readonly string[] = [...TEXTS, ...OTHERS];

/** Members of a basis by their names as texts that are given without a kind. */
export function basisNeedsKind(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (given['basis'] !== undefined) return [];
  return BASIS_MEMBERS.map((name) => `basis_${name}`).filter((name) => given[name] !== undefined);
}

/** The basis in valid texts (`basis`, `basis_at`, `basis_notice`, …); undefined without a kind. */
export function basisFrom(values: Readonly<Record<string, string>>): Basis | undefined {
  const kind = values['basis'];
  if (kind === undefined || !isBasisKind(kind)) return undefined;
  const texts = TEXTS.flatMap((name) => {
    const text = values[`basis_${name}`];
    return text === undefined ? [] : [[name, text] as const];
  });
  const { basis_notice: notice, basis_offset_ms: offset, basis_separate: separate } = values;
  const named = notice === undefined ? null : noticeIn(notice);
  return {
    kind,
    ...Object.fromEntries(texts),
    ...(named === null ? {} : { notice: named }),
    ...(offset === undefined ? {} : { offset_ms: Number(offset) }),
    ...(separate === undefined ? {} : { separate: separate === 'true' }),
  };
}

/** A basis in JSON as the texts that `readMetadata` takes. Members of another type are absent. */
export function basisTexts({
  kind,
  ...members
}: { readonly kind: string } & { readonly [name: string]: Json | undefined }): Readonly<Record<string, string>> {
  const texts = Object.entries(members).flatMap(([name, value]) => {
    const text = value === undefined ? null : basisText(name, value);
    return text === null ? [] : [[`basis_${name}`, text] as const];
  });
  return { basis: kind, ...Object.fromEntries(texts) };
}

/** A member of a basis in JSON as the text that its form checks; null where it is of another type. */
function basisText(name: string, value: Json): string | null {
  switch (name) {
    case 'notice': {
      if (!isObject(value) || Object.keys(value).sort().join() !== 'id,version') return null;
      const { id, version } = value;
      return typeof id === 'string' && typeof version === 'number' ? `${id}/${version}` : null;
    }
    case 'offset_ms':
      return typeof value === 'number' ? String(value) : null;
    case 'separate':
      return typeof value === 'boolean' ? String(value) : null;
    default:
      return typeof value === 'string' ? value : null;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  notice: 'must have the id and the version of a notice',
  offset_ms: 'must be a number',
  separate: 'must be true or false',
};

/** What is wrong with a basis in JSON. A member that is null is absent. */
export function basisProblems(value: Json): readonly FieldError[] {
  if (!isObject(value)) return [{ pointer: '/basis', detail: 'must be an object' }];
  const { kind, ...rest } = value;
  const known = ['kind', ...BASIS_MEMBERS].join(', ');
  return [
    ...problemOf('kind', 'basis', kind ?? null),
    ...Object.entries(rest).flatMap(([name, one]): readonly FieldError[] => {
      if (name === 'notice_unknown') return [{ pointer: '/basis/notice_unknown', detail: 'is set by callvault alone' }];
      if (name === 'withdrawn') return [{ pointer: '/basis/withdrawn', detail: 'is set by a withdrawal alone' }];
      if (!BASIS_MEMBERS.includes(name))
        return [{ pointer: `/basis/${name.slice(0, 64)}`, detail: `is unknown; there are ${known}` }];
      return one === null ? [] : problemOf(name, `basis_${name}`, one);
    }),
  ];
}

function problemOf(name: string, form: string, value: Json): readonly FieldError[] {
  const text = basisText(name, value);
  const detail = text === null ? (TYPES[name] ?? 'must be a text') : (TEXT_FORMS[form]?.(text) ?? null);
  return detail === null ? [] : [{ pointer: `/basis/${name}`, detail }];
}
