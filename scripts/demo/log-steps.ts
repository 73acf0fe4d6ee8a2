// Steps about the log: both tenants' logs, read by their auditors and checked from the first event on.
import { activity } from '../../src/messages/en/activity.ts';
import { leafHash, type StoredEvent } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import {
  type DemoTenant,
  type DemoWorld,
  expectReply,
  expectThat,
  listAt,
  memberAt,
  required,
  send,
  textAt,
} from './world.ts';

const HARBOUR: Readonly<Record<string, number>> = {
  'tenant.created': 1,
  'person.added': 2,
  'service.added': 1,
  'api_key.created': 4,
  'recording.created': 3,
  'deposit.available': 6,
  'recording.searched': 1,
  'access.requested': 4,
  'access.cancelled': 1,
  'access.approved': 3,
  'access.assigned': 2,
  'grant.done': 1,
  'proof.given': 2,
  'change.applied': 3,
  'team.changed': 2,
  'policy.changed': 1,
  'session.opened': 2,
  'grant.revoked': 1,
  'session.ended': 1,
  'content.refused': 1,
  'log.read': 1,
};
const YUNHAI: Readonly<Record<string, number>> = {
  'tenant.created': 1,
  'recording.created': 3,
  'deposit.available': 6,
  'access.requested': 1,
  'access.approved': 1,
  'session.opened': 1,
  'session.ended': 1,
  'log.read': 1,
};

/** Reads and checks both logs. */
export async function checkLogs(world: DemoWorld): Promise<string> {
  const harbour = await checkLogOf(world, required(world.tenants, 'harbour'), HARBOUR);
  const yunhai = await checkLogOf(world, required(world.tenants, 'yunhai'), YUNHAI);
  const receipts = harbour.receipts + yunhai.receipts;
  expectThat(receipts === world.receipts.length, `${world.receipts.length - receipts} receipts are for another log`);
  return `${harbour.events} and ${yunhai.events} events without a gap, every session approved; all ${receipts} receipts are in them`;
}

/** Reads and checks one log, which has at least so many events of each action. */
export async function checkLogOf(
  world: DemoWorld,
  tenant: DemoTenant,
  expected: Readonly<Record<string, number>>,
): Promise<{ readonly events: number; readonly receipts: number }> {
  // The log also records its own reading: the second reading finds the event of the first.
  await readLog(world, tenant);
  const events = await readLog(world, tenant);
  const name = `${world.origin}/${tenant.id}`;
  const [finding, ...more] = checkLog(name, events, leafHash);
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  if (finding !== undefined) {
    const { seq, id, code } = finding;
    expectThat(
      false,
      `log of ${tenant.name}, event ${seq}, ${id ?? 'of unknown object'}: ${activity.faults[code]}${others}`,
    );
  }
  const actions = events.map(({ leaf }) => textAt(JSON.parse(Buffer.from(leaf).toString()), 'action'));
  for (const [action, least] of Object.entries(expected)) {
    const count = actions.filter((found) => found === action).length;
    expectThat(count >= least, `log of ${tenant.name}: ${count} events ${action}, at least ${least} were made`);
  }
  const receipts = world.receipts.filter(({ log }) => log === name);
  for (const { seq, hash } of receipts) {
    const event = events[seq];
    const same = event !== undefined && Buffer.from(event.hash).toString('base64') === hash;
    expectThat(same, `log of ${tenant.name}, event ${seq}: not the event of its receipt`);
  }
  return { events: events.length, receipts: receipts.length };
}

async function readLog(world: DemoWorld, tenant: DemoTenant): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const reply = await send(world, tenant.keys.auditor, 'GET', `/v1/audit/events?limit=1000&cursor=${cursor}`);
    expectReply(reply, 'the auditor reads the log', 200);
    for (const one of listAt(reply.body, 'data')) {
      const seq = memberAt(one, 'index');
      expectThat(typeof seq === 'number', 'an event has no index');
      const [leaf, hash] = [Buffer.from(textAt(one, 'leaf'), 'base64'), Buffer.from(textAt(one, 'hash'), 'base64')];
      events.push({ log: tenant.id, seq, leaf, hash });
    }
    const next = memberAt(reply.body, 'next_cursor');
    cursor = typeof next === 'string' ? next : null;
  }
  return events;
}
