// Changes of settings: what they accept, what they set, and the difference line by line.
import { describe, expect, it } from 'vitest';
import {
  policyAfter,
  type SettingsPatch,
  settingsDifference,
  settingsOf,
  settingsPatch,
  type TenantSettings,
  tenantAfter,
} from '../../../src/model/change/settings.ts';
import { defaultPolicy } from '../../../src/model/policy.ts';

const current: TenantSettings = {
  default_basis: 'consent',
  default_notice: null,
  time_zone: null,
  searchable: ['contract'],
  sources: {},
  decide_by_key: false,
  approver_age_hours: 24,
};

describe('a change of settings', () => {
  it('sets only what differs, with lists in order', () => {
    const wanted = { default_basis: 'consent', searchable: ['order-no', 'contract', 'contract'] } as const;
    expect(settingsPatch(current, wanted)).toEqual({ searchable: ['contract', 'order-no'] });
    expect(settingsPatch({ ...current, time_zone: 'Asia/Shanghai' }, { time_zone: null })).toEqual({ time_zone: null });
  });

  it('is rejected where nothing would change', () => {
    const refused = expect.objectContaining({ code: 'conflict' });
    expect(() => settingsPatch(current, {})).toThrow(refused);
    expect(() => settingsPatch(current, { approver_age_hours: 24, searchable: ['contract'] })).toThrow(refused);
  });

  it.each([
    ['default_basis', 'maybe'],
    ['time_zone', 'Asia/Atlantis'],
    ['searchable', ['Contract']],
    ['searchable', Array.from({ length: 33 }, (_, n) => `f${n}`)],
    ['searchable', 'contract'],
    ['decide_by_key', 1],
    ['approver_age_hours', -1],
    ['approver_age_hours', 1.5],
    ['approver_age_hours', 8_785],
  ])('is rejected with %s %j', (name, value) => {
    const wanted = { [name]: value, decide_by_key: true } as SettingsPatch;
    if (name === 'decide_by_key') Object.assign(wanted, { decide_by_key: value });
    expect(() => settingsPatch(current, wanted)).toThrow(
      expect.objectContaining({
        code: 'malformed',
        fields: [expect.objectContaining({ pointer: `/settings/${name}` })],
      }),
    );
  });

  it('shows each line, and whether it is stricter', () => {
    const set: SettingsPatch = {
      default_basis: 'none',
      time_zone: 'Asia/Shanghai',
      searchable: [],
      decide_by_key: true,
      approver_age_hours: 48,
    };
    expect(settingsDifference(current, set)).toEqual([
      { name: 'default_basis', from: 'consent', to: 'none', effect: 'stricter' },
      { name: 'time_zone', from: null, to: 'Asia/Shanghai', effect: null },
      { name: 'searchable', from: ['contract'], to: [], effect: 'stricter' },
      { name: 'decide_by_key', from: false, to: true, effect: 'looser' },
      { name: 'approver_age_hours', from: 24, to: 48, effect: 'stricter' },
    ]);
    expect(settingsDifference(current, { default_basis: 'contract', approver_age_hours: 0 })).toMatchObject([
      { effect: null },
      { effect: 'looser' },
    ]);
  });

  it('reads and writes the tenant’s row and its policy', () => {
    const tenant = {
      defaultBasis: 'consent',
      defaultNotice: null,
      timeZone: null,
      searchable: ['contract'],
      sources: {},
    } as const;
    const policy = defaultPolicy(24);
    expect(settingsOf(tenant, policy)).toEqual(current);
    const set = { time_zone: 'Europe/Paris', decide_by_key: true, approver_age_hours: 0 } as const;
    const after = settingsOf({ ...tenant, ...tenantAfter(set) }, policyAfter(policy, set));
    expect(after).toEqual({ ...current, ...set });
    expect(policyAfter(policy, { searchable: [] })).toBe(policy);
  });
});
