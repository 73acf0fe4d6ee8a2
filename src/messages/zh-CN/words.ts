// Chinese words for codes of the API: roles, purposes, objects, states, directions, bases.
import type { Catalogue } from '../catalogue.ts';
import type { words as english } from '../en/words.ts';

export const words: Catalogue<typeof english> = {
  person: { unnamed: '某人' },
  roles: {
    uploader: '上传服务',
    reviewer: '质检员',
    supervisor: '班长',
    privacy: '隐私专员',
    auditor: '审计员',
    admin: '管理员',
    operator: '运维人员',
  },
  purposes: {
    quality: '质检',
    complaint: '投诉核查',
    training: '培训',
    dispute: '争议处理',
    legal: '法律事务',
    'subject-request': '个人权利请求',
  },
  objects: { audio: '收听录音', transcript: '转写文本' },
  list: { join: '、' },
  things: { audio: '音频', transcript: '转写文本' },
  directions: { inbound: '呼入', outbound: '呼出', internal: '内部' },
  period: {
    D_one: '{{count}} 天',
    D_other: '{{count}} 天',
    M_one: '{{count}} 个月',
    M_other: '{{count}} 个月',
    Y_one: '{{count}} 年',
    Y_other: '{{count}} 年',
  },
  by_default: { basis: '{{basis}}（默认）' },
  bases: {
    consent: '知情同意',
    contract: '合同',
    'legal-obligation': '法定义务',
    'legitimate-interest': '正当利益',
    none: '缺失',
  },
  states: {
    expected: '待上传',
    available: '可用',
    erasing: '销毁中',
    erased: '已销毁',
    quarantined: '隔离中',
    requested: '等待中',
    approved: '已批准',
    denied: '被拒绝',
    cancelled: '已撤回',
    expired: '已到期',
    revoked: '已撤销',
    consumed: '次数已用完',
  },
  sensitivities: { normal: '普通', sensitive: '敏感' },
  quarantine: {
    basis: '缺少法律依据',
    integrity: '未通过完整性检查',
    rebuilt: '重建后尚未核对',
  },
};
