// Events in OCSF 1.8.0, held to the schema: required attributes, known names, types and enumerated values, for each action.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, membersOf, subjectsOf } from '../../../src/model/log/event-catalogue.ts';
import type { Leaf, LeafValue } from '../../../src/model/log/leaf.ts';
import { ocsfEvent } from '../../../src/model/log/ocsf.ts';

type Attribute = {
  readonly type: string;
  readonly requirement: string;
  readonly array?: true;
  readonly enum?: readonly (string | number)[];
};
type Shape = {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constraints: { readonly at_least_one?: readonly string[] };
};
const schema = JSON.parse(readFileSync('test/vectors/ocsf-1.8.0.json', 'utf8')) as {
  readonly events: Readonly<Record<string, Shape>>;
  readonly objects: Readonly<Record<string, Shape>>;
};

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string_t: (value) => typeof value === 'string',
  integer_t: Number.isSafeInteger,
  long_t: Number.isSafeInteger,
  timestamp_t: (value) => Number.isSafeInteger(value) && (value as number) > 1_600_000_000_000,
};

/** What the schema says against a value. `own`: enumerations that a class narrows to its own number. */
function faultsOf(
  at: string,
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  own: readonly string[] = [],
): string[] {
  const missing = Object.entries(shape.attributes).flatMap(([name, { requirement }]) =>
    requirement === 'required' && value[name] === undefined ? [`${at}.${name} is required`] : [],
  );
  const some = shape.constraints.at_least_one;
  if (some !== undefined && !some.some((name) => value[name] !== undefined)) missing.push(`${at} has none of ${some}`);
  const faults = Object.entries(value).flatMap(([name, one]) => {
    const attribute = shape.attributes[name];
    if (attribute === undefined) return [`${at}.${name} is unknown`];
    const all = attribute.array === true ? (one as unknown[]) : [one];
    if (!Array.isArray(all)) return [`${at}.${name} is no list`];
    return all.flatMap((single) => {
      const object = schema.objects[attribute.type];
      if (object !== undefined) return faultsOf(`${at}.${name}`, object, single as Record<string, unknown>);
      if (name === 'unmapped') return [];
      const isOfType = SCALARS[attribute.type] ?? (() => false);
      const isListed = own.includes(name) || attribute.enum === undefined || attribute.enum.includes(single as number);
      return isOfType(single) && isListed ? [] : [`${at}.${name} is ${String(single)} (${attribute.type})`];
    });
  });
  return [...missing, ...faults];
}

const leafOf = (action: string, object: Readonly<Record<string, LeafValue>>, more: Partial<Leaf> = {}): Leaf => ({
  ...{ v: 1, log: 'vault.example/ten_a', seq: 7, id: 'evt_a', ts: '2026-11-02T12:00:00.123Z', action, outcome: 'ok' },
  ...{ actor: { type: 'person', id: 'usr_a', auth: 'sign-in' }, node: 'n1', req: 'r-1' },
  object: { type: 'thing', id: 'obj_a', ...object },
  ...more,
});
const mapped = (leaf: Leaf) => ocsfEvent({ leaf, bytes: 'bGVhZg==', hash: 'aGFzaA==' });
const faults = (leaf: Leaf) => {
  const event = mapped(leaf);
  const shape = schema.events[event.class_uid];
  return shape === undefined
    ? ['no such class']
    : faultsOf('event', shape, event, ['class_uid', 'category_uid', 'type_uid']);
};
/** A value for each member that the catalogue lists for an action. */
const membersFor = (action: (typeof AUDIT_ACTIONS)[number]) =>
  Object.fromEntries(
    membersOf(action).map(({ name, kind }) => [
      name.replace('#', '1'),
      kind === 'number' ? 3 : kind === 'time' ? '2026-11-02T11:55:00.000Z' : 'x_a',
    ]),
  );

describe('an event in OCSF', () => {
  it.each(AUDIT_ACTIONS)('is valid: %s', (action) => {
    for (const type of subjectsOf(action)) {
      for (const outcome of ['ok', 'refused', 'failed']) {
        expect(faults(leafOf(action, { ...membersFor(action), type }, { outcome }))).toEqual([]);
        expect(faults(leafOf(action, { type }, { outcome, actor: { type: 'system', id: 'n1' } }))).toEqual([]);
      }
    }
  });

  it('fails this check where the schema is not kept', () => {
    const event = mapped(leafOf('recording.read', {}));
    const shape = schema.events['6003'] ?? expect.fail('there is no such class');
    const { api: _api, ...less }: Record<string, unknown> = {
      ...event,
      severity_id: 9,
      time: '2026',
      actor: {},
      colour: 'red',
    };
    expect(faultsOf('event', shape, less, ['class_uid', 'category_uid', 'type_uid'])).toHaveLength(5);
  });

  it('is an Authentication where someone signs in or out, and is of the person', () => {
    expect(mapped(leafOf('sign_in.opened', { method: 'passkey' }))).toMatchObject({
      ...{ class_uid: 3002, category_uid: 3, activity_id: 1, type_uid: 300_201, status_id: 1, severity_id: 1 },
      ...{ user: { uid: 'usr_a', type_id: 1 }, service: { name: 'callvault' } },
    });
    expect(mapped(leafOf('sign_in.refused', {}, { outcome: 'refused' }))).toMatchObject({
      ...{ activity_id: 1, status_id: 2, status_code: 'refused', severity_id: 3 },
    });
    expect(mapped(leafOf('sign_in.ended', { principal: 'usr_b' }))).toMatchObject({
      ...{ activity_id: 2, type_uid: 300_202, user: { uid: 'usr_b' } },
    });
    const failed = mapped(leafOf('sign_in.opened', {}, { outcome: 'failed' }));
    expect(failed).toMatchObject({ status_id: 2, status_code: 'failed', severity_id: 1 });
    expect(mapped(leafOf('sign_in.stepped_up', {}))).toMatchObject({
      ...{ activity_id: 99, activity_name: 'sign_in.stepped_up', type_uid: 300_299 },
    });
  });

  it('is API Activity otherwise, about its object and the recording', () => {
    expect(mapped(leafOf('session.opened', { type: 'session', id: 'ses_a', recording: 'rec_a' }))).toEqual({
      ...{ class_uid: 6003, category_uid: 6, activity_id: 1, type_uid: 600_301, time: 1_793_620_800_123 },
      ...{ severity_id: 1, status_id: 1 },
      metadata: {
        ...{ version: '1.8.0', product: { name: 'callvault', vendor_name: 'callvault' }, uid: 'evt_a' },
        ...{ event_code: 'session.opened', sequence: 7, log_name: 'vault.example/ten_a', correlation_uid: 'r-1' },
      },
      actor: { user: { uid: 'usr_a', type_id: 1 } },
      api: { operation: 'session.opened' },
      src_endpoint: { svc_name: 'callvault', uid: 'n1' },
      resources: [
        { uid: 'ses_a', type: 'session' },
        { uid: 'rec_a', type: 'recording' },
      ],
      unmapped: { leaf: 'bGVhZg==', hash: 'aGFzaA==' },
    });
    expect(mapped(leafOf('recording.erased', { type: 'recording' }))).toMatchObject({ activity_id: 4 });
    expect(mapped(leafOf('recording.searched', {}))).toMatchObject({ activity_id: 2 });
    expect(mapped(leafOf('a.later_word', {}))).toMatchObject({ activity_id: 99, activity_name: 'a.later_word' });
  });

  it('says how often, where it closes a window', () => {
    const closing = leafOf('log.read', { window: '2026-11-02T11:55:00.000Z', counted: 40 });
    expect(mapped(closing)).toMatchObject({
      ...{
        count: 40,
        start_time: Date.parse('2026-11-02T11:55:00.000Z'),
        end_time: Date.parse('2026-11-02T12:00:00.123Z'),
      },
    });
    expect(mapped(leafOf('log.read', {}))).not.toHaveProperty('count');
  });

  it('knows what most actions do', () => {
    const others = AUDIT_ACTIONS.filter((action) => {
      return !action.startsWith('sign_in.') && mapped(leafOf(action, {})).type_uid === 600_399;
    });
    // What repeats, rejects or files something is none of the four in OCSF.
    for (const action of others) expect(action).toMatch(/\.(refused|replayed|filed|limited|listed)$/);
  });
});
