// The words of the log are those of the event catalogue, none missing and none left over, in both languages.
import { describe, expect, it } from 'vitest';
import { events as english } from '../../src/messages/en/events.ts';
import { events as chinese } from '../../src/messages/zh-CN/events.ts';
import { AUDIT_ACTIONS, detailMembersOf, membersOf, subjectsOf } from '../../src/model/log/event-catalogue.ts';

const members = AUDIT_ACTIONS.flatMap((action) => [...membersOf(action), ...detailMembersOf(action)]);
const codes = members.flatMap(({ name, kind }) =>
  typeof kind === 'string' ? [] : kind.map((code) => ({ name, code })),
);

const groups: readonly (readonly [keyof typeof english, readonly string[]])[] = [
  ['actions', AUDIT_ACTIONS],
  ['kinds', AUDIT_ACTIONS.flatMap(subjectsOf)],
  ['fields', ['type', 'id', ...members.map(({ name }) => name)]],
  ['reasons', codes.filter(({ name }) => name === 'reason').map(({ code }) => code)],
  ['values', codes.filter(({ name }) => name !== 'reason').map(({ code }) => code)],
];

describe('the words of the log', () => {
  it.each(groups)('are those of the catalogue: %s', (group, wanted) => {
    const found = Object.entries({ en: english, 'zh-CN': chinese }).flatMap(([language, words]) => {
      const file = `src/messages/${language}/events.ts, ${group}`;
      const [has, needs] = [new Set(Object.keys(words[group])), new Set(wanted)];
      return [
        ...[...needs].filter((name) => !has.has(name)).map((name) => `${file}: ${name} is missing`),
        ...[...has].filter((name) => !needs.has(name)).map((name) => `${file}: ${name} is in no event`),
      ];
    });
    expect(found).toEqual([]);
  });

  it('give the kinds of object of an action different texts', () => {
    const known = AUDIT_ACTIONS.flatMap((action) => subjectsOf(action).map((kind) => `${action} ${kind}`));
    for (const { actions, actions_of: of } of [english, chinese]) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(of)));
      const texts = [...Object.values(actions), ...Object.values(of)];
      expect(new Set(texts).size).toBe(texts.length);
    }
  });

  it('give every action its own title', () => {
    for (const { actions } of [english, chinese]) {
      expect(new Set(Object.values(actions)).size).toBe(AUDIT_ACTIONS.length);
    }
  });
});
