// A day of a contact centre for the pictures: a tenant with its people, a dozen calls, and requests in every state.
import { readCalls } from '../../../scripts/demo/calls.ts';
import { operatorActor } from '../../../src/vault/log/events.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createTenant } from '../../../src/vault/tenants/create-tenant.ts';
import { wav } from '../../support/wav.ts';
import type { World } from '../../support/world.ts';
import { uploadTranscript } from './calls.ts';

export type Day = {
  readonly tenant: string;
  readonly reviewer: { readonly id: string };
  readonly supervisor: { readonly id: string };
  readonly auditor: { readonly id: string };
  /** The call of the player, which the reviewer may hear. */
  readonly call: string;
};

const TOLD = {
  en: {
    tenant: ['Northvale Telecom', 'GB'],
    people: ['Oliver Grant', 'Mei Tan', 'Helen Ong', 'Ava Reid', 'Victor Goh', 'Grace Lim'],
    agents: ['Priya Nair', 'Arjun Rao', 'Daniel Wu', 'Helen Ong'],
    queues: ['Billing', 'Broadband faults', 'Contract renewal', 'Number porting'],
    numbers: ['+442079460123', '+6591234417', '+85261231903', '+442079460177'],
    sample: 'harbour-1-lost-card.wav',
    reasons: [
      'Customer disputes a roaming charge and says a promised call-back never came. I need to check what the agent promised and whether the PIN step was announced.',
      'Weekly sample for the new script.',
      'Training material on porting a number.',
    ],
    refusal: 'Wrong customer',
    comments: [
      'Told the customer before the card step, as it should be.',
      'Clear, and stops the loss first.',
      'Here she interrupts.',
    ],
  },
  'zh-CN': {
    tenant: ['海岳银行', 'CN'],
    people: ['林晓岚', '周敏', '何静', '吴志强', '陈国栋', '刘佳'],
    agents: ['陈思远', '刘佳', '赵一鸣', '孙晓'],
    queues: ['信用卡争议', '贷款咨询', '网点预约', '账户冻结'],
    numbers: ['13812345678', '13912340263', '13612347741', '18612349050'],
    sample: 'yunhai-1-change-flight.wav',
    reasons: [
      '客户第二次来电投诉未按时回电，需核对坐席承诺的时限和处理步骤，工单 CS-20261125-0417。',
      '每周抽检，核对新话术。',
      '培训素材：账户冻结的处理。',
    ],
    refusal: '听错了客户',
    comments: [
      '输入密码前已告知暂停录音，流程合规。',
      '处理步骤交代得清楚，先止损再登记。',
      '这里打断了客户，注意同时说话。',
    ],
  },
} as const;

const operator = operatorActor('op-1');
const MINUTE = 60_000;

/** Makes the day. Everything of it is invented. */
export async function fullDay(world: World, language: keyof typeof TOLD): Promise<Day> {
  const told = TOLD[language];
  const { vault } = world;
  const request = { signal: AbortSignal.timeout(600_000) };
  const [name, country] = told.tenant;
  const [reviewing, supervising, auditing, admin, second, third] = told.people;
  const people = { admin, approvers: [supervising], approverAgeHours: 0, apiKeyDecisions: true };
  const made = await createTenant(vault, operator, { name, country, defaultBasis: 'consent', ...people }, request);
  const { tenant } = made;
  const add = (who: string, roles: readonly string[], owners: readonly string[] = []) => {
    const kind = owners.length === 0 ? 'person' : 'service';
    return addPrincipal(vault, operator, { tenant, kind, name: who, roles, owners }, request);
  };
  const keyed = async (id: string) => ({ id, key: (await world.keyOf(tenant, id)).secret });
  const supervisor = await keyed(made.approvers[0] ?? '');
  const uploader = await keyed(await add('pbx', ['uploader'], [supervisor.id]));
  const reviewer = await keyed(await add(reviewing, ['reviewer']));
  const others = [await keyed(await add(second, ['reviewer'])), await keyed(await add(third, ['reviewer']))];
  const cast = { ...world.harbour, tenant, uploader };

  const calls: string[] = [];
  const sample = (await readCalls()).find(({ file }) => file === told.sample);
  if (sample === undefined) throw new Error('there is no such sample');
  for (let n = 0; n < 12; n++) {
    const headers = {
      [n % 5 === 3 ? 'to' : 'from']: told.numbers[n % 4] ?? '',
      agent: told.agents[(n * 3) % 4] ?? '',
      queue: told.queues[n % 4] ?? '',
      direction: n % 5 === 3 ? 'outbound' : 'inbound',
      'started-at': new Date(Date.now() - (n * 7 + 2) * MINUTE).toISOString(),
      language: sample.language,
    };
    const sent = Object.entries(headers).map(([key, value]) => [`vault-meta-${key}`, encodeURIComponent(value)]);
    const body = n === 1 ? sample.audio : wav(16_000 * (31 + ((n * 53) % 190)));
    const reply = await world.ingest(cast, `day-${n}`, body, Object.fromEntries(sent));
    const { recording } = (await reply.json()) as { recording: string };
    calls.push(recording);
    if (n % 3 !== 2) await uploadTranscript(world, cast, recording, sample.language, sample.words);
  }

  const post = async (key: string, path: string, json?: unknown) => {
    const reply = await world.call('POST', path, { key, ...(json === undefined ? {} : { json }) });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as { id: string; grant: { id: string } };
  };
  const ask = async (who: { key: string }, call: number, purpose: string, reason: string, minutes = 15) =>
    (await post(who.key, '/v1/access-requests', { recording: calls[call], purpose, reason, minutes })).id;
  const approve = async (id: string) => (await post(supervisor.key, `/v1/access-requests/${id}/approve`)).grant.id;
  const grant = await approve(await ask(reviewer, 1, 'complaint', told.reasons[0]));
  const session = (await post(reviewer.key, `/v1/grants/${grant}/sessions`)).id;
  for (const [n, text] of told.comments.entries()) {
    const at = { start_ms: 2500 + n * 6000, end_ms: n === 1 ? 12_000 : null };
    const category = (['compliance', 'praise', 'improve'] as const)[n];
    await post(reviewer.key, `/v1/sessions/${session}/comments`, { ...at, category, visibility: 'team', text });
  }
  await ask(reviewer, 3, 'quality', told.reasons[1]);
  await post(supervisor.key, `/v1/access-requests/${await ask(reviewer, 5, 'quality', told.reasons[1])}/deny`, {
    reason: told.refusal,
  });
  await post(supervisor.key, `/v1/grants/${await approve(await ask(reviewer, 8, 'dispute', told.reasons[0]))}/revoke`, {
    reason: told.refusal,
  });
  await ask(others[0] ?? reviewer, 6, 'training', told.reasons[2], 30);
  await ask(others[1] ?? reviewer, 2, 'complaint', told.reasons[0]);
  const auditor = { id: await add(auditing, ['auditor']) };
  return { tenant, reviewer, supervisor, auditor, call: calls[1] ?? '' };
}
