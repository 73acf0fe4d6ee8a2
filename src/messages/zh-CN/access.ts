// Chinese texts of my access.
import type { Catalogue } from '../catalogue.ts';
import type { access as english } from '../en/access.ts';

export const access: Catalogue<typeof english> = {
  title: '我的调听',
  tabs: { active: '有效', pending: '等待中', past: '历史' },
  column: {
    recording: '录音',
    purpose: '用途',
    covers: '范围',
    asked: '申请时间',
    decided: '审批人',
    approvals: '批准',
    left: '剩余时间',
    uses: '剩余次数',
    expires: '到期时间',
    state: '状态',
  },
  given: '{{given}} / {{needed}}',
  gone: '已销毁',
  nobody: '–',
  open: '收听',
  end: '放弃授权…',
  withdraw: '撤回',
  again: '再次申请…',
  of: '{{action}}：{{call}}',
  said: '“{{reason}}”',
  empty: {
    active: '没有有效的调听授权',
    active_text: '获批的调听授权在有效期内显示在这里。',
    pending: '没有等待中的申请',
    pending_text: '您提交的申请在审批前显示在这里。',
    past: '这里还没有内容',
    past_text: '已审批、已撤回或已失效的申请。',
    find: '查找录音',
  },
  error: '无法加载您的调听',
  older: '显示更早的',
  minutes: '{{count}} 分钟',
};
