// Chinese texts of the sign-in page.
import type { Catalogue } from '../catalogue.ts';
import type { signIn as english } from '../en/sign-in.ts';

export const signIn: Catalogue<typeof english> = {
  title: '登录',
  text: '请使用本设备的通行密钥，或您收到的登录链接。',
  passkey: '使用通行密钥登录',
  with_link: '正在使用您的链接…',
  asked: '要使用此链接登录吗？',
  asked_now: '您当前的登录身份：{{name}}，{{tenant}}。',
  asked_text:
    '此链接可能属于他人。如果继续，此浏览器将改以链接所属人员的身份登录；您在此处的登录会结束，正在收听的录音也会停止。',
  keep: '保持当前登录',
  go_on: '继续使用链接',
  link: '还没有通行密钥？请向运维人员索取登录链接，链接只能使用一次。',
  link_failed: '此链接无法使用',
  link_failed_text: '链接可能已被使用、已到期或不完整。请向运维人员索取新的链接。',
  passkey_failed: '通行密钥未被接受',
  passkey_failed_text: '未做任何更改。请重试，或使用登录链接。',
  passkey_elsewhere:
    'callvault 的通行密钥只能在 {{home}} 使用，本页面的地址是 {{here}}。请打开 {{home}}，或使用登录链接。',
  passkey_missing: '此浏览器不支持通行密钥',
  passkey_missing_text: '请使用登录链接，或换用支持通行密钥的浏览器。',
  signed_out: '您已退出登录。',
};
