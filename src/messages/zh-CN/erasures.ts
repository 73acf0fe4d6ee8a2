// Chinese texts of the erasures page.
import type { Catalogue } from '../catalogue.ts';
import type { erasures as english } from '../en/erasures.ts';

export const erasures: Catalogue<typeof english> = {
  title: '销毁记录',
  line: '已永久无法恢复的录音，每次销毁都可下载签名证明',
  reason: '原因',
  any: '不限',
  reasons: {
    request: '个人请求',
    retention: '保留期满',
    'court-order': '法院命令',
    error: '误录',
  },
  column: {
    at: '开始时间',
    why: '原因',
    recordings: '录音',
    by: '执行者',
    certificate: '销毁证明',
  },
  event: '日志第 {{event}} 条',
  change: '对应的变更',
  rules: '对应的保留规则',
  subject: '对应的请求',
  system: '到期销毁',
  system_decided: 'callvault，按两人的决定',
  unfinished_one: '{{count}} 条销毁中',
  unfinished_other: '{{count}} 条销毁中',
  download: '下载',
  download_of: '下载日志第 {{event}} 条的销毁证明',
  issued: '销毁证明已下载，并写入日志。',
  not_available: '当前服务无法出具证明：没有签名私钥，或者数据库缺少这次销毁的部分记录。请联系运维人员。',
  more: '显示更多',
  error: '无法加载销毁记录',
  empty: '没有销毁记录',
  empty_text: '还没有销毁过录音。',
  empty_reason: '没有因该原因销毁的录音',
};
