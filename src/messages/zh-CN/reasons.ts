// Chinese sentences for failed checks, by check and code: the reason, and what to do.
import type { Catalogue } from '../catalogue.ts';
import type { reasons as english } from '../en/reasons.ts';

export const reasons: Catalogue<typeof english> = {
  'tenant-active': { tenant_suspended: '该租户已暂停所有收听' },
  'recording-available': { recording_not_available: '此录音不可用' },
  'not-quarantined': { quarantined: '此录音已被隔离' },
  'purpose-known': { purpose_not_allowed: '访问策略不允许此用途' },
  'role-fits-purpose': { role_not_allowed: '收听人的角色不能使用此用途' },
  'basis-covers-purpose': { basis_insufficient: '此录音的法律依据不涵盖该用途' },
  'class-allowed': { class_not_allowed: '访问策略不允许将此敏感级别的录音用于该用途' },
  'objects-allowed': { objects_not_allowed: '该用途不允许所申请的全部内容' },
  'not-too-long': { too_long: '该用途允许的时长为 1 至 {{detail}} 分钟' },
  'request-open': { request_not_open: '该申请已有审批结果或已撤回' },
  'request-not-expired': { request_expired: '该申请逾期未审批，已失效' },
  'change-open': { change_not_open: '这项变更已有决定、已撤回或已过期：{{detail}}' },
  'change-not-expired': { change_expired: '这项变更在有人决定之前已过期' },
  'base-current': { change_stale: '这项变更所依据的内容已有变化：请撤回后重新提交' },
  'preview-fresh': { preview_stale: '影响范围是 24 小时以前统计的：请撤回后重新提交' },
  'another-person': {
    own_request: '您不能审批自己的申请，须由他人审批',
    own_change: '您不能审批自己提交的变更，须由他人审批',
  },
  'requester-active': { person_off: '申请人的账号已停用' },
  'approver-is-person': { service_never_approves: '服务账号不能审批，须由人员审批' },
  'approver-role': {
    role_not_allowed: '您不能审批：账号需要班长角色',
    role_needed: '您不能审批这项变更：账号需要以下角色之一：{{detail}}',
    admin_confirms: '该租户有已注册通行密钥的管理员，由其确认这项变更，运维人员不能确认',
  },
  'approver-old-enough': { account_too_young: '您暂时不能审批：账号开通未满 {{detail}} 小时' },
  proof: {
    proof_required: '每次审批都须用通行密钥确认：请在控制台审批',
    proof_mismatch: '您的通行密钥确认的不是这项审批：审批内容已变，或确认已过期或已用过。请重新审批',
  },
  'step-up': {
    step_up_required: '暂时不能审批：请先用通行密钥确认是您本人，然后重试',
    api_key_decisions_off: '该租户不允许用 API 密钥审批：请登录控制台审批',
  },
  approval: {
    approval_required: '您尚未申请调听此录音',
    approval_pending: '您的申请正在等待审批',
    denied: '您的申请已被拒绝',
    cancelled: '您已撤回该申请',
    request_expired: '您的申请逾期未审批，已失效',
  },
  'own-grant': { not_your_grant: '此调听授权属于他人' },
  'person-active': { person_off: '您的账号已停用' },
  'grant-live': { grant_revoked: '此调听授权已被撤销', grant_expired: '此调听授权已到期' },
  'grant-not-expired': { grant_expired: '此调听授权已到期' },
  'uses-left': { grant_consumed: '此调听授权的次数已用完' },
  'object-granted': { object_not_granted: '此调听授权不包含 {{detail}}' },
  'credential-live': { credential_ended: '您的登录或 API 密钥已失效' },
  'same-browser': { another_browser: '此收听会话由另一个浏览器或程序打开' },
  'session-live': {
    session_closed: '此收听会话已关闭',
    session_expired: '此收听会话已到期',
    session_revoked: '此收听会话的调听授权已被撤销',
    session_suspended: '该租户已暂停所有收听',
    session_key: '租户的密钥已不可用',
    session_erased: '此收听会话的录音已销毁',
    'session_signed-out': '打开此收听会话的登录已结束',
  },
  role: { role_needed: '您的账号不具备所需角色之一：{{detail}}' },
  scope: { scope_needed: '此 API 密钥缺少所需的权限范围：{{detail}}' },
  'media-type': {
    not_accepted: '不接受该请求体的类型。可接受的类型：{{detail}}',
    content_not_accepted: '该请求体的内容是 {{found}}，不受支持。可接受的类型：{{detail}}',
  },
  'changes-replayed': {
    changes_not_replayed: '暂时无法更改：系统正在从存储中读取先前的更改。请稍后重试',
  },
};
