// Chinese texts of retention rules: what each rule says, and the starter packs.
import type { Catalogue } from '../catalogue.ts';
import type { retention as english } from '../en/retention.ts';
import { words } from './words.ts';

export const retention: Catalogue<typeof english> = {
  explain: {
    columns: {
      rule: '规则',
      name: '名称',
      clause: '依据条款',
      recordings: '适用录音',
      effect: '效果',
      count: '决定的录音数',
    },
    no_clause: '–',
    all: '全部录音',
    all_others: '其余全部录音',
    attribute: {
      queue: '技能组',
      source: '来源',
      direction: '呼叫方向',
      language: '语言',
      sensitivity: '敏感级别',
      basis: '法律依据',
    },
    field: '字段 {{name}}',
    condition: '{{name}}：{{texts}}',
    or: ' 或 ',
    and: '；',
    values: { direction: words.directions, sensitivity: words.sensitivities, basis: words.bases },
    period: words.period,
    event: {
      'contract-ended': '合同终止',
      'dispute-ended': '争议终结',
      other: '事件 {{name}} 发生',
    },
    keeps: {
      call: '自通话之日起保留 {{period}}',
      event: '自{{event}}之日起保留 {{period}}；该日期登记之前永久保留',
      event_most: '自{{event}}之日起保留 {{period}}；该日期登记之前，自通话之日起保留 {{most}}',
    },
    erases: {
      call: '通话之日起满 {{period}}后销毁',
      event: '{{event}}之日起满 {{period}}后销毁；该日期登记之前不销毁',
      event_most: '{{event}}之日起满 {{period}}后销毁；该日期一直未登记的，自通话之日起满 {{most}}后销毁',
      never: '不销毁',
    },
    grace: '销毁时间因变更而提前的录音，再保留 {{period}}。',
  },
  packs: {
    'cn-call-centre': {
      title: '中国：呼叫中心',
      about:
        '存入录音时须注明呼叫方向，呼出电话还须附上同意的证据。其他通话的保留时间请自行确定：法律未规定具体期限，只要求不超过必要的最短时间。',
      rules: {
        outbound: {
          name: '呼出电话',
          law: '工信部信管〔2020〕81 号',
          does: '呼出电话的录音至少保留 30 天，并在信息中记录主被叫号码、拨打时间和用户同意的证据。',
        },
        rest: {
          name: '全部通话（《个人信息保护法》第 19 条）',
          does: '所有通话最终都会销毁，保留时间不超过必要的限度。',
        },
      },
    },
    'cn-insurance': {
      title: '中国：保险销售',
      about:
        '请在每通销售电话上填写字段 cover（up-to-1-year 表示保险期间一年及以下，over-1-year 表示一年以上），有争议的把字段 disputed 填为 yes，并登记事件 contract-ended（合同终止）和 dispute-ended（争议终结）：登记之前，这些录音永久保留。',
      rules: {
        'sales-short': {
          name: '销售电话，保险期间一年及以下',
          law: '《保险销售行为可回溯管理暂行办法》（2017）',
          does: '销售录音自合同终止之日起至少保留 5 年。',
        },
        'sales-long': {
          name: '销售电话，保险期间一年以上',
          law: '《保险销售行为可回溯管理暂行办法》（2017）',
          does: '销售录音自合同终止之日起至少保留 10 年。',
        },
        disputes: {
          name: '有争议的销售电话',
          law: '《保险销售行为可回溯管理暂行办法》（2017）',
          does: '有争议的录音自争议终结之日起至少保留 2 年，也可以另行设置法律保全。',
        },
        outbound: {
          name: '呼出电话',
          law: '工信部信管〔2020〕81 号',
          does: '呼出电话的录音至少保留 30 天，并在信息中记录主被叫号码、拨打时间和用户同意的证据。',
        },
        rest: {
          name: '全部通话（《个人信息保护法》第 19 条）',
          does: '通话满 6 个月后销毁；以上规则要求保留更久的，到期后销毁。',
        },
      },
    },
    'eu-uk-finance': {
      title: '欧盟和英国：金融',
      about:
        '请把涉及交易指令的通话的字段 regime 填为 mifid 或 fca。监管机构要求保留 7 年的录音，请设置 retain_until。',
      rules: {
        'orders-eu': {
          name: '交易指令（欧盟）',
          law: 'MiFID II 16(7)；Del. Reg. 2017/565 Art. 76',
          does: '涉及交易指令的录音自通话之日起保留 5 年。',
        },
        'orders-uk': {
          name: '交易指令（英国）',
          law: 'FCA SYSC 10A.1.15',
          does: '涉及交易指令的录音自通话之日起保留 5 年。',
        },
        rest: {
          name: '全部通话（GDPR 5(1)(e)）',
          does: '通话满 6 个月后销毁；以上规则要求保留更久的，到期后销毁。',
        },
      },
    },
    'us-broker-dealer': {
      title: '美国：证券经纪自营商',
      about:
        '请把公司必须保存的通话的字段 regime 填为 sec。SEC 17a-4(f) 允许以审计日志代替一次写入存储，本系统的日志即为此用。',
      rules: {
        communications: {
          name: '业务通讯',
          law: 'SEC 17a-4(b)(4)',
          does: '必须保存的通话自通话之日起保留 3 年。',
        },
        rest: {
          name: '全部通话',
          does: '通话满 1 年后销毁；以上规则要求保留更久的，到期后销毁。',
        },
      },
    },
    pci: {
      title: '支付卡（PCI DSS）',
      about:
        '客户报出卡号和安全码时请暂停录音。录音中仍含安全码的，请把字段 card-codes 填为 yes，或以“本不应存入”为由立即销毁。保留规则仍然优先：PCI DSS 不改变法定保留期。',
      rules: {
        'card-codes': {
          name: '含支付卡安全码的录音（PCI DSS 4.0.1 3.3.1）',
          does: '已标记的录音在规则允许的最短时间后销毁，即通话之日起满 1 天。',
        },
        rest: {
          name: '其他全部通话',
          does: '通话满 6 个月后销毁。',
        },
      },
    },
  },
};
