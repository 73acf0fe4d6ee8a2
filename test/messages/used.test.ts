// Unused console texts: every key is requested somewhere in the console.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { english } from '../../src/messages/en/all.ts';
import { flat } from './flat.ts';

const CONSOLE = join(import.meta.dirname, '../../src/console');
/** The area of a page that names none. */
const USUAL = 'shell';
/** Suffixes that i18next adds to a key. */
const PLURAL = /_(zero|one|two|few|many|other)$/;

/** Keys in a source: complete, or a template with a computed part. */
function keysIn(source: string): RegExp[] {
  const plain = [...source.matchAll(/'([\w.-]+)'|(?:Key|ns)="([\w.-]+)"/g)].map(([, one, other]) => one ?? other ?? '');
  const built = [...source.matchAll(/`([^`]*)`/g)]
    .map(([, text]) => (text ?? '').split(/\$\{[^}]*\}/))
    .filter((parts) => parts.length > 1 && parts.join('') !== '' && parts.every((part) => /^[\w.-]*$/.test(part)));
  const pattern = (parts: readonly string[]) =>
    new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('[\\w-]+')}$`);
  return [...plain.map((key) => pattern([key])), ...built.map(pattern)];
}

/** The areas that a source requests; null for a source without one: its keys may belong to any area. */
function areasOf(source: string): readonly string[] | null {
  const asked = [...source.matchAll(/\buseTranslation(?:<[^>]*>)?\((?:'(\w+)')?|\bns="(\w+)"|\b(i18next\.t)\(/g)];
  return asked.length === 0 ? null : asked.map(([, one, other]) => one ?? other ?? USUAL);
}

/** Keys of an area that no source requests. A group that is looked up by code, `('checks', 'names')`, is used completely. */
function unused(area: string, keys: readonly string[], sources: readonly string[]): string[] {
  const asking = sources.filter((source) => areasOf(source)?.includes(area) ?? true).flatMap(keysIn);
  const groups = sources.flatMap((source) =>
    [...source.matchAll(/\('(\w+)', '(\w+)'\)/g)].filter(([, one]) => one === area).map(([, , group]) => `${group}.`),
  );
  return keys
    .filter((key) => !groups.some((group) => key.startsWith(group)))
    .filter((key) => !asking.some((pattern) => pattern.test(key.replace(PLURAL, '')) || pattern.test(key)));
}

const sources = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => readFileSync(join(CONSOLE, path), 'utf8'));
const areas = new Set(sources.flatMap((source) => areasOf(source) ?? []));

describe('the texts of the console', () => {
  it.each([...areas])('are all used, in %s', (area) => {
    const texts = english[area as keyof typeof english];
    expect(unused(area, [...flat(texts).keys()], sources)).toEqual([]);
  });

  it('include no unused key: a planted one is found', () => {
    const page = "useTranslation('door'); t('open'); t(`state.$" + "{state}`); t('days', { count })";
    const other = "useTranslation('wall'); t('close')";
    const list = "export const KEYS = ['knock'];";
    const keys = ['open', 'close', 'state.ajar', 'state.ajar.wide', 'days_one', 'days_other', 'knock'];
    expect(unused('door', keys, [page, other, list])).toEqual(['close', 'state.ajar.wide']);
  });
});
