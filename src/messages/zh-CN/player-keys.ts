// Chinese texts of the player's keyboard shortcuts.
import type { Catalogue } from '../catalogue.ts';
import type { playerKeys as english } from '../en/player-keys.ts';

export const playerKeys: Catalogue<typeof english> = {
  toggle: '播放或暂停',
  ten: '后退或前进 10 秒',
  five: '后退或前进 5 秒',
  one: '后退或前进 1 秒',
  volume: '调高或调低音量',
  mute: '关闭或打开声音',
  speed: '减速或加速',
  turns: '下一句或上一句',
  silence: '跳过静音',
  follow: '跟随转写文本',
  comment: '在此添加批注',
  range: '设 A、设 B',
  clear: '清除 A 和 B',
  tenths: '跳到通话的十分之几处',
  goTo: '跳到指定时间',
  zoom: '放大或缩小波形',
  zoomReset: '恢复波形缩放',
  search: '在转写文本中查找',
  help: '本列表',
  close: '关闭，清除查找',
};
