// Every text that pages ask for by its key is asked for somewhere in the console.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { english } from '../../src/messages/en/all.ts';
import { flat } from './flat.ts';

const CONSOLE = join(import.meta.dirname, '../../src/console');
/** Where a page names no area. */
const USUAL = 'shell';
/** What i18next puts behind a key by itself. */
const PLURAL = /_(zero|one|two|few|many|other)$/;

/** Keys as a source may spell them: whole, or with something of the moment in between. */
function keysIn(source: string): RegExp[] {
  const plain = [...source.matchAll(/'([\w.-]+)'|(?:Key|ns)="([\w.-]+)"/g)].map(([, one, other]) => one ?? other ?? '');
  const built = [...source.matchAll(/`([^`]*)`/g)]
    .map(([, text]) => (text ?? '').split(/\$\{[^}]*\}/))
    .filter((parts) => parts.length > 1 && parts.join('') !== '' && parts.every((part) => /^[\w.-]*$/.test(part)));
  const pattern = (parts: readonly string[]) =>
    new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('[\\w-]+')}$`);
  return [...plain.map((key) => pattern([key])), ...built.map(pattern)];
}

/** The areas whose texts a source asks for; null for one that asks for none by itself: its keys may be anybody's. */
function areasOf(source: string): readonly string[] | null {
  const asked = [...source.matchAll(/\buseTranslation(?:<[^>]*>)?\((?:'(\w+)')?|\bns="(\w+)"|\b(i18next\.t)\(/g)];
  return asked.length === 0 ? null : asked.map(([, one, other]) => one ?? other ?? USUAL);
}

/** Keys of an area that no source asks for. Groups that are looked up by code, `('checks', 'names')`, are asked for whole. */
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
  it.each([...areas])('that are asked for by key, in %s', (area) => {
    const texts = english[area as keyof typeof english];
    expect(unused(area, [...flat(texts).keys()], sources)).toEqual([]);
  });

  it('finds one that nobody asks for', () => {
    const page = "useTranslation('door'); t('open'); t(`state.$" + "{state}`); t('days', { count })";
    const other = "useTranslation('wall'); t('close')";
    const list = "export const KEYS = ['knock'];";
    const keys = ['open', 'close', 'state.ajar', 'state.ajar.wide', 'days_one', 'days_other', 'knock'];
    expect(unused('door', keys, [page, other, list])).toEqual(['close', 'state.ajar.wide']);
  });
});
