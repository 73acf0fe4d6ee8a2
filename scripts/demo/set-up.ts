// Setup of the demo's two tenants before the service starts: people, services, API keys.
import { compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Actor } from '../../src/model/audit-event.ts';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createFirstIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { createLink } from '../../src/vault/sign-in/links.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { type DemoTenant, type DemoWorld, expectThat, type TenantName } from './world.ts';

type TenantPlan = {
  readonly tenant: TenantName;
  readonly name: string;
  readonly country: string;
  readonly admin: string;
  readonly secondAdmin: string;
  readonly supervisor: string;
  readonly secondSupervisor: string;
  readonly reviewer: string;
  readonly colleagues: readonly [string, string];
  readonly auditor: string;
  readonly privacy: string;
  readonly secondPrivacy: string;
  readonly service: string;
};

const TENANT_PLANS: readonly TenantPlan[] = [
  {
    tenant: 'harbour',
    name: 'Harbour Bank',
    country: 'GB',
    admin: 'Annabel Fielding',
    secondAdmin: 'Ines Duarte',
    supervisor: 'Susan Marsh',
    secondSupervisor: 'Tomas Reed',
    reviewer: 'Margarita Vale',
    colleagues: ['Victor Goh', 'Grace Lim'],
    auditor: 'Audley Pennington',
    privacy: 'Philippa Thorne',
    secondPrivacy: 'Nadia Roth',
    service: 'Harbour telephony',
  },
  {
    tenant: 'yunhai',
    name: '云海旅行',
    country: 'CN',
    admin: '林静怡',
    secondAdmin: '许若云',
    supervisor: '王海涛',
    secondSupervisor: '周敏',
    reviewer: '李晓娜',
    colleagues: ['陈国栋', '刘佳'],
    auditor: '赵敏华',
    privacy: '沈文清',
    secondPrivacy: '韩雪莹',
    service: '云海电话平台',
  },
];

const SET_UP_MS = 60_000;
const KEY_DAYS = 7;
const LINK_MINUTES = 60;
/** The staff's links are printed at the end of the story. */
const STAFF_LINK_MINUTES = 1440;

/** Creates both tenants in `world`. */
export async function setUpTenants(world: DemoWorld): Promise<void> {
  const config = readConfig(world.environment);
  const { vault, close } = await compose(config, () => process.exit(DATABASE_DAMAGED));
  try {
    expectThat(config.operator !== null, 'the demo names no operator');
    const by = operatorActor(config.operator);
    for (const cast of TENANT_PLANS) {
      world.tenants.set(cast.tenant, await setUp(vault, by, cast, { signal: vault.clock.deadline(SET_UP_MS) }));
    }
  } finally {
    await close();
  }
}

const ANNOUNCEMENT = { language: 'en', text: 'This call is recorded for quality and training.' } as const;

async function setUp(vault: Vault, by: Actor, cast: TenantPlan, request: RequestContext): Promise<DemoTenant> {
  const { name, country, admin, supervisor } = cast;
  const {
    tenant,
    admin: first,
    approvers,
  } = await createTenant(
    vault,
    by,
    {
      ...{ name, country, defaultBasis: 'consent', admin, approvers: [supervisor], approverAgeHours: 0 },
      // The story in curl approves with the supervisor's API key. Tenants whose people sign in should keep this
      // disabled.
      apiKeyDecisions: true,
      // Every caller of the demo hears it, so quality and training count the default consent.
      announcement: ANNOUNCEMENT,
    },
    request,
  );
  await createFirstIngestKey(vault, by, tenant, request);
  // Before the first recording a command acts at once.
  const settings = { kind: 'settings', settings: { searchable: ['contract'] } } as const;
  await changeByCommand(vault, by, tenant, settings, { note: 'contracts', alone: false }, request);
  const [approver] = approvers;
  expectThat(approver !== undefined, 'the tenant has no approver');
  const add = (kind: 'person' | 'service', who: string, role: string, owners: readonly string[] = []) =>
    addPrincipal(vault, by, { tenant, kind, name: who, roles: [role], owners }, request);
  const key = async (principal: string) =>
    (await createApiKey(vault, by, { tenant, principal, days: KEY_DAYS, scopes: null }, request)).secret;
  const [reviewer, auditor, privacy] = [
    await add('person', cast.reviewer, 'reviewer'),
    await add('person', cast.auditor, 'auditor'),
    await add('person', cast.privacy, 'privacy'),
  ];
  const colleague = async (who: string) => {
    const principal = await add('person', who, 'reviewer');
    return { id: principal, key: await key(principal) };
  };
  // Once there are recordings and passkeys, another person would have to confirm a link.
  const member = async (id: string, who: string, role: string) => {
    const link = { tenant, principal: id, minutes: STAFF_LINK_MINUTES, replacePasskeys: false };
    return { id, name: who, role, secret: (await createLink(vault, by, link, request)).secret };
  };
  const decider = async (who: string, role: string) => {
    const principal = await add('person', who, role);
    const link = { tenant, principal, minutes: LINK_MINUTES, replacePasskeys: false };
    return { id: principal, secret: (await createLink(vault, by, link, request)).secret };
  };
  return {
    id: tenant,
    name,
    people: [
      ...[admin, cast.secondAdmin, supervisor, cast.secondSupervisor, cast.reviewer, ...cast.colleagues],
      ...[cast.auditor, cast.privacy, cast.secondPrivacy],
    ],
    staff: [
      await member(reviewer, cast.reviewer, 'reviewer'),
      await member(approver, supervisor, 'supervisor'),
      await member(auditor, cast.auditor, 'auditor'),
      await member(privacy, cast.privacy, 'privacy'),
      await member(first, admin, 'admin'),
    ],
    keys: {
      uploader: await key(await add('service', cast.service, 'uploader', [approver])),
      reviewer: await key(reviewer),
      supervisor: await key(approver),
      auditor: await key(auditor),
      admin: await key(first),
      privacy: await key(privacy),
    },
    colleagues: [await colleague(cast.colleagues[0]), await colleague(cast.colleagues[1])],
    deciders: {
      admin: await decider(cast.secondAdmin, 'admin'),
      privacy: await decider(cast.secondPrivacy, 'privacy'),
      supervisor: await decider(cast.secondSupervisor, 'supervisor'),
    },
  };
}
