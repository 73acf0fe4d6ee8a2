// Chinese texts of the help page.
import type { Catalogue } from '../catalogue.ts';
import type { help as english } from '../en/help.ts';

export const help: Catalogue<typeof english> = {
  title: '帮助与快捷键',
  hear: '为什么不能收听？',
  hear_text: '打开录音，查看检查列表。第一项未通过的检查会被框出，旁边是您接下来可以做的一件事。',
  steps: '从查找到收听',
  step_find: '查找通话。列表只显示基本信息，号码已做掩码。',
  step_ask: '提交申请：用途、理由、时长，由他人决定。',
  step_listen: '收听。顶栏下方会显示收听人、用途和剩余时间，可随时结束。',
  step_log: '以上每一步都会写入审计员可以核对的日志。',
  keys: '快捷键',
  everywhere: '所有页面',
  approvals: '审批页',
  player: '播放器（获得焦点时）',
  off: '已关闭，可在账号页开启',
  find: '搜索',
  these_keys: '显示快捷键',
  close: '关闭当前窗口',
  move: '下一条、上一条申请',
  choose: '选择一通录音',
  choose_range: '选择自上一通起的全部录音',
  choose_move: '下一通、上一通录音',
  approve: '批准',
  narrow: '缩小范围',
  refuse: '拒绝',
};
