// The event catalogue: what does not fit it does not compile, and what is written fits it.
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AuthorityTable } from '../../../src/envelope/authority.ts';
import type { SecretKey } from '../../../src/envelope/secret-key.ts';
import type { SessionEndReason } from '../../../src/model/access.ts';
import type { EventOf, NewEvent } from '../../../src/model/audit-event.ts';
import type { CommentVisibility } from '../../../src/model/comment.ts';
import type { EraseReason } from '../../../src/model/erasure.ts';
import type { TargetKind } from '../../../src/model/exposure.ts';
import {
  AUDIT_ACTIONS,
  type CountedAction,
  type DetailedAction,
  detailMembersOf,
  isAuditAction,
  membersOf,
  type SubjectOf,
  subjectsOf,
  windowOf,
} from '../../../src/model/log/event-catalogue.ts';
import type { ReencryptReason } from '../../../src/model/reencryption.ts';
import type { SignInEndReason, SignInMethod } from '../../../src/model/sign-in.ts';
import type { Forgotten } from '../../../src/ports/database.ts';
import { countEvent } from '../../../src/vault/core/events/count-events.ts';
import { event, operatorActor, withDetail } from '../../../src/vault/core/events/events.ts';
import { withOrigin } from '../../../src/vault/core/personal/origin.ts';
import type { RotationMethod } from '../../../src/vault/keys/rotation.ts';
import type { ApiKeyRefusal } from '../../../src/vault/people/refused-api-key.ts';
import { misfits } from '../../support/catalogued.ts';

const by = operatorActor('op-1');
const asked = { id: 'req_1', recording: 'rec_1', purpose: 'quality', objects: 'audio', minutes: 5, approvals: 1 };
const ended = { id: 'ses_1', grant: 'grt_1', recording: 'rec_1', ranges: 1, bytes: 2, seconds: 3 };

/** Never run: the compiler reads it. Each line below a directive must be an error, or the directive is one. */
function doesNotCompile(db: Parameters<typeof countEvent>[0], key: SecretKey, signal: AbortSignal): NewEvent[] {
  const more = { id: 'grt_1', recording: 'rec_1', colour: 'red' };
  const request = { signal };
  // @ts-expect-error A member that the catalogue does not have.
  event('ten_a', by, 'grant.expired', { id: 'grt_1', recording: 'rec_1', colour: 'red' }, {});
  // @ts-expect-error The same, from a variable.
  event('ten_a', by, 'grant.expired', more, {});
  // @ts-expect-error The same, spread in.
  event('ten_a', by, 'grant.expired', { ...more, id: 'grt_2' }, {});
  // @ts-expect-error A member that must be there.
  event('ten_a', by, 'grant.expired', { id: 'grt_1' }, {});
  // @ts-expect-error A code that the catalogue does not have.
  event('ten_a', by, 'session.ended', { ...ended, reason: 'bored' }, {});
  // @ts-expect-error A number where an id belongs.
  event('ten_a', by, 'grant.expired', { id: 'grt_1', recording: 1 }, {});
  // @ts-expect-error The subject's type, where the catalogue has one.
  event('ten_a', by, 'grant.expired', { type: 'grant', id: 'grt_1', recording: 'rec_1' }, {});
  // @ts-expect-error No subject's type, where the catalogue has several.
  event('ten_a', by, 'content.refused', { id: 'grt_1' }, {});
  // @ts-expect-error A type that is not among them.
  event('ten_a', by, 'content.refused', { type: 'recording', id: 'rec_1' }, {});
  // @ts-expect-error An action that the catalogue does not have.
  event('ten_a', by, 'grant.polished', { id: 'grt_1' }, {});
  // @ts-expect-error An event of the deployment in the log of a tenant.
  event('ten_a', by, 'doctor.ran', { id: 'vault.example' }, {});
  // @ts-expect-error A member of a numbered name without its number.
  event('ten_a', by, 'tenant.created', { id: 'ten_a', admin: 'usr_1', approver_one: 'usr_2' }, {});
  // @ts-expect-error A count of an action that is not counted.
  void countEvent(db, { tenant: 'ten_a', actor: by, action: 'grant.expired', object: more }, request);
  // @ts-expect-error A counted event with a member that the catalogue does not have.
  void countEvent(db, { tenant: 'ten_a', actor: by, action: 'log.read', object: { id: 'ten_a', why: 'x' } }, request);
  const made = event('ten_a', by, 'access.requested', { ...asked, policy: 'pol_1' }, {});
  // @ts-expect-error A detail without what must be there.
  withDetail(made, key, { ticket: 'T-1' });
  // @ts-expect-error A detail with what the catalogue does not have.
  withDetail(made, key, { reason: 'why', mood: 'good' });
  // @ts-expect-error A detail on an action that has none.
  withDetail(event('ten_a', by, 'tenant.resumed', { id: 'ten_a' }, {}), key, { reason: 'why' });
  // @ts-expect-error An address beside an event that has none.
  withOrigin(made, key, request);
  // @ts-expect-error An event without the detail that must be there.
  return [made];
}

void doesNotCompile;

describe('the catalogue', () => {
  it('has the codes that the model has', () => {
    type Of<A extends Parameters<typeof membersOf>[0], Name extends string> =
      SubjectOf<A> extends { readonly [_ in Name]?: infer Value } ? Exclude<Value, undefined> : never;
    expectTypeOf<Of<'session.ended', 'reason'>>().toEqualTypeOf<SessionEndReason>();
    expectTypeOf<Of<'sign_in.ended', 'reason'>>().toEqualTypeOf<SignInEndReason>();
    expectTypeOf<Of<'sign_in.opened', 'method'>>().toEqualTypeOf<SignInMethod>();
    expectTypeOf<Of<'recording.erasing', 'reason'>>().toEqualTypeOf<EraseReason>();
    expectTypeOf<Of<'recording.erased', 'database'>>().toEqualTypeOf<Forgotten>();
    expectTypeOf<Of<'deposit.started', 'why'>>().toEqualTypeOf<ReencryptReason>();
    expectTypeOf<Of<'comment.added', 'visibility'>>().toEqualTypeOf<CommentVisibility>();
    expectTypeOf<Of<'key.rotated', 'how'>>().toEqualTypeOf<RotationMethod>();
    expectTypeOf<Of<'api_key.refused', 'cause'>>().toEqualTypeOf<ApiKeyRefusal>();
    expectTypeOf<Of<'exposure.read', 'type'>>().toEqualTypeOf<TargetKind>();
    expectTypeOf<Of<'authority.refused', 'type'>>().toEqualTypeOf<AuthorityTable>();
    expectTypeOf<DetailedAction>().toEqualTypeOf<
      | ('access.requested' | 'access.denied' | 'access.assigned' | 'grant.returned')
      | ('consent.withdrawn' | 'recording.restricted')
      | 'hold.placed'
      | ('subject.identified' | 'subject.extended')
    >();
    expectTypeOf<EventOf<'log.read'>>().toExtend<NewEvent>();
  });

  it('gives each action its subjects, members and window', () => {
    expect(AUDIT_ACTIONS.length).toBeGreaterThan(60);
    expect(subjectsOf('content.refused')).toEqual(['grant', 'session']);
    expect(membersOf('grant.expired')).toEqual([{ name: 'recording', kind: 'id', optional: false }]);
    const ofWindow = { window: 'time', counted: 'number', before: 'number' };
    expect(membersOf('log.read')).toEqual(
      Object.entries(ofWindow).map(([name, kind]) => ({ name, kind, optional: true })),
    );
    expect(detailMembersOf('access.denied').map(({ name }) => name)).toEqual(['reason', 'origin']);
    expect(windowOf('key.used')).toBe(3600);
    expectTypeOf<'key.used'>().toExtend<CountedAction>();
    expect([isAuditAction('log.read'), isAuditAction('toString'), isAuditAction('log.burnt')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('an event', () => {
  it('has the type of its subject from the catalogue, and is canonical as before', () => {
    const made = event('ten_a', by, 'grant.expired', { id: 'grt_1', recording: 'rec_1' }, { req: 'r1' });
    expect(made.object).toEqual({ type: 'grant', id: 'grt_1', recording: 'rec_1' });
    expect(made).toMatchObject({ log: 'ten_a', actor: by, action: 'grant.expired', outcome: 'ok', req: 'r1' });
    expect(misfits(made)).toEqual([]);
  });

  it('that does not fit is found by what looks at every event that a test writes', () => {
    const good: NewEvent = event('ten_a', by, 'session.ended', { ...ended, reason: 'closed' }, {});
    const broken = (object: object, more: object = {}): string[] =>
      misfits({ ...good, object: { ...good.object, ...object }, ...more });
    expect(broken({})).toEqual([]);
    expect(broken({ colour: 'red' })).toEqual(['session.ended: has colour']);
    expect(broken({ reason: 'bored' })).toEqual(['session.ended: reason is bored']);
    expect(broken({ bytes: 'many' })).toEqual(['session.ended: bytes is many']);
    expect(broken({ type: 'grant' })).toEqual(['session.ended: is about grant']);
    expect(broken({}, { log: 'deployment' })).toEqual(['session.ended: in the deployment’s log']);
    expect(broken({}, { detail: {} })).toEqual(['session.ended: has a detail']);
    type Ended = { readonly type: string; readonly id: string; readonly recording: string };
    const { recording: _, ...less } = good.object as Ended;
    expect(misfits({ ...good, object: less })).toEqual(['session.ended: lacks recording']);
    const bare = { ...good, action: 'access.denied', object: { type: 'request', id: 'req_1', recording: 'rec_1' } };
    expect(misfits(bare as unknown as NewEvent)).toEqual(['access.denied: lacks its detail']);
    const first = { admin: 'usr_1', approver_1: 'usr_2', policy: 'pol_1', sha256: 'ab'.repeat(32) };
    const created = { type: 'tenant', id: 'ten_a', ...first };
    expect(misfits({ ...good, action: 'tenant.created', object: created })).toEqual([]);
  });
});
