-- The PostgreSQL users of callvault's processes and commands, and what each may do: docs/operations/postgres-users.md.
-- An administrator runs it in callvault's database, once its owner has created the tables, and again after each upgrade:
--   psql -X -v ON_ERROR_STOP=1 -f docs/operations/postgres-users.sql postgres://ADMINISTRATOR@HOST/DATABASE
-- It changes no row and creates no password, and may run while processes work. Made by: npm run docs:users

begin;

-- The roles. They cannot log in until you let them: \password, and: alter role "callvault_ingest" login
do $users$
declare
  "user" text;
begin
  foreach "user" in array array['callvault_ingest', 'callvault_listen', 'callvault_console', 'callvault_work', 'callvault_all', 'callvault_operator'] loop
    begin
      execute format('create role %I nologin', "user");
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$users$;

-- Only the owner creates tables.
revoke create on schema "public" from public;
grant usage on schema "public" to "callvault_ingest", "callvault_listen", "callvault_console", "callvault_work", "callvault_all", "callvault_operator";

-- Processes of role ingest.
revoke all on all tables in schema "public" from "callvault_ingest";
grant select on table "principal", "api_key", "sign_in", "deployment", "tenant", "recording", "retention", "profile",
  "recording_event", "expiry", "notice", "withdrawal", "withdrawal_index", "hold", "hold_recording", "subject_match",
  "blind_index", "index_progress", "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key",
  "amendment", "erasure", "replay", "replay_question", "idempotency", "window", "clock_beat", "audit_head",
  "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_ingest";
grant insert on table "recording", "profile", "recording_event", "hold_recording", "blind_index", "deposit", "object",
  "part", "wrapped_key", "source", "amendment", "replay_question", "idempotency", "window", "audit_head",
  "audit_event", "audit_detail", "audit_subject" to "callvault_ingest";
grant update on table "recording", "recording_event", "deposit", "part", "wrapped_key", "idempotency",
  "window" to "callvault_ingest";
grant delete on table "recording_event", "blind_index", "object", "part", "wrapped_key", "idempotency",
  "window" to "callvault_ingest";
grant update ("created") on table "tenant" to "callvault_ingest";
grant update ("last_file_at") on table "ingest_key" to "callvault_ingest";
grant update ("asked") on table "replay_question" to "callvault_ingest";
grant update ("held", "mark", "size") on table "audit_head" to "callvault_ingest";

-- Processes of role listen.
revoke all on all tables in schema "public" from "callvault_listen";
grant select on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge", "window", "clock_beat",
  "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_listen";
grant insert on table "principal", "sign_in", "passkey", "policy", "access_request", "decision", "access_grant",
  "session", "change", "team", "team_member", "team_queue", "batch", "retention", "profile", "recording_event",
  "expiry", "notice", "withdrawal", "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match",
  "blind_index", "source", "comment", "amendment", "replay_question", "idempotency", "challenge_key",
  "answered_challenge", "window", "audit_head", "audit_event", "audit_detail", "audit_subject" to "callvault_listen";
grant update on table "principal", "sign_in", "passkey", "access_request", "access_grant", "session", "change", "team",
  "batch", "recording", "recording_event", "expiry", "hold", "hold_recording", "subject_request", "subject_match",
  "comment", "idempotency", "window" to "callvault_listen";
grant delete on table "team_member", "team_queue", "recording_event", "blind_index", "comment", "idempotency",
  "window" to "callvault_listen";
grant update ("mac", "state", "version") on table "api_key" to "callvault_listen";
grant update ("mac", "state", "version") on table "sign_in_link" to "callvault_listen";
grant update ("created", "decide_by_key", "default_basis", "default_notice", "index_version", "retention",
  "searchable", "sources", "time_zone", "version") on table "tenant" to "callvault_listen";
grant update ("due", "reached") on table "withdrawal" to "callvault_listen";
grant update ("asked") on table "replay_question" to "callvault_listen";
grant update ("held", "mark", "size") on table "audit_head" to "callvault_listen";

-- Processes of role console.
revoke all on all tables in schema "public" from "callvault_console";
grant select on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge", "window", "clock_beat",
  "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_console";
grant insert on table "principal", "sign_in", "passkey", "policy", "access_request", "decision", "access_grant",
  "change", "team", "team_member", "team_queue", "batch", "retention", "profile", "recording_event", "expiry",
  "notice", "withdrawal", "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match",
  "blind_index", "source", "amendment", "replay_question", "idempotency", "challenge_key", "answered_challenge",
  "window", "audit_head", "audit_event", "audit_detail", "audit_subject" to "callvault_console";
grant update on table "principal", "sign_in", "passkey", "access_request", "access_grant", "change", "team", "batch",
  "recording", "recording_event", "expiry", "hold", "hold_recording", "subject_request", "subject_match",
  "idempotency", "window" to "callvault_console";
grant delete on table "team_member", "team_queue", "recording_event", "blind_index", "idempotency",
  "window" to "callvault_console";
grant update ("mac", "state", "version") on table "api_key" to "callvault_console";
grant update ("mac", "state", "version") on table "sign_in_link" to "callvault_console";
grant update ("ended", "ends", "mac", "reason", "state", "version") on table "session" to "callvault_console";
grant update ("created", "decide_by_key", "default_basis", "default_notice", "index_version", "retention",
  "searchable", "sources", "time_zone", "version") on table "tenant" to "callvault_console";
grant update ("due", "reached") on table "withdrawal" to "callvault_console";
grant update ("asked") on table "replay_question" to "callvault_console";
grant update ("held", "mark", "size") on table "audit_head" to "callvault_console";

-- Processes of role work.
revoke all on all tables in schema "public" from "callvault_work";
grant select on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "answered_challenge", "window", "clock_beat", "audit_head",
  "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_work";
grant insert on table "policy", "recording", "retention", "profile", "recording_event", "expiry", "notice",
  "withdrawal", "withdrawal_index", "hold", "hold_recording", "blind_index", "index_progress", "source", "ingest_key",
  "comment", "amendment", "erasure", "replay", "replay_question", "window", "clock_beat", "audit_head", "audit_event",
  "audit_detail", "audit_subject", "audit_seal", "audit_tile" to "callvault_work";
grant update on table "recording", "recording_event", "expiry", "hold", "hold_recording", "subject_request",
  "subject_match", "index_progress", "deposit", "comment", "amendment", "erasure", "replay", "replay_question",
  "window", "clock_beat" to "callvault_work";
grant delete on table "recording_event", "hold", "blind_index", "object", "part", "wrapped_key", "comment",
  "amendment", "idempotency", "answered_challenge", "window" to "callvault_work";
grant update ("version") on table "principal" to "callvault_work";
grant update ("ended", "mac", "reason", "state", "version") on table "sign_in" to "callvault_work";
grant update ("mac", "state", "version", "words") on table "access_request" to "callvault_work";
grant update ("words") on table "decision" to "callvault_work";
grant update ("done_words", "mac", "revoked_words", "state", "version") on table "access_grant" to "callvault_work";
grant update ("ended", "mac", "reason", "state", "version") on table "session" to "callvault_work";
grant update ("mac", "state", "version") on table "change" to "callvault_work";
grant update ("closed", "mac", "state", "version", "words") on table "batch" to "callvault_work";
grant update ("created", "decide_by_key", "default_basis", "default_notice", "index_version", "retention",
  "searchable", "sources", "state", "time_zone", "version") on table "tenant" to "callvault_work";
grant update ("due", "reached") on table "withdrawal" to "callvault_work";
grant update ("note", "state") on table "ingest_key" to "callvault_work";
grant update ("held", "mark", "reread", "size") on table "audit_head" to "callvault_work";
grant update ("salt", "sealed") on table "audit_detail" to "callvault_work";
grant update ("hashes") on table "audit_tile" to "callvault_work";

-- Processes of role all.
revoke all on all tables in schema "public" from "callvault_all";
grant select on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge", "window", "clock_beat",
  "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_all";
grant insert on table "principal", "sign_in", "passkey", "policy", "access_request", "decision", "access_grant",
  "session", "change", "team", "team_member", "team_queue", "batch", "recording", "retention", "profile",
  "recording_event", "expiry", "notice", "withdrawal", "withdrawal_index", "hold", "hold_recording", "subject_request",
  "subject_match", "blind_index", "index_progress", "deposit", "object", "part", "wrapped_key", "source", "ingest_key",
  "comment", "amendment", "erasure", "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge",
  "window", "clock_beat", "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal",
  "audit_tile" to "callvault_all";
grant update on table "principal", "sign_in", "passkey", "access_request", "access_grant", "session", "change", "team",
  "batch", "recording", "recording_event", "expiry", "hold", "hold_recording", "subject_request", "subject_match",
  "index_progress", "deposit", "part", "wrapped_key", "comment", "amendment", "erasure", "replay", "replay_question",
  "idempotency", "window", "clock_beat" to "callvault_all";
grant delete on table "team_member", "team_queue", "recording_event", "hold", "blind_index", "object", "part",
  "wrapped_key", "comment", "amendment", "idempotency", "answered_challenge", "window" to "callvault_all";
grant update ("mac", "state", "version") on table "api_key" to "callvault_all";
grant update ("mac", "state", "version") on table "sign_in_link" to "callvault_all";
grant update ("words") on table "decision" to "callvault_all";
grant update ("created", "decide_by_key", "default_basis", "default_notice", "index_version", "retention",
  "searchable", "sources", "state", "time_zone", "version") on table "tenant" to "callvault_all";
grant update ("due", "reached") on table "withdrawal" to "callvault_all";
grant update ("last_file_at", "note", "state") on table "ingest_key" to "callvault_all";
grant update ("held", "mark", "reread", "size") on table "audit_head" to "callvault_all";
grant update ("salt", "sealed") on table "audit_detail" to "callvault_all";
grant update ("hashes") on table "audit_tile" to "callvault_all";

-- Commands of operators.
revoke all on all tables in schema "public" from "callvault_operator";
grant select on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge", "window", "clock_beat",
  "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile", "kysely_migration",
  "kysely_migration_lock" to "callvault_operator";
grant insert on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "team_member", "team_queue", "batch", "deployment",
  "tenant", "recording", "retention", "profile", "recording_event", "expiry", "notice", "withdrawal",
  "withdrawal_index", "hold", "hold_recording", "subject_request", "subject_match", "blind_index", "index_progress",
  "deposit", "object", "part", "wrapped_key", "tenant_kek", "source", "ingest_key", "comment", "amendment", "erasure",
  "replay", "replay_question", "idempotency", "challenge_key", "answered_challenge", "window", "clock_beat",
  "audit_head", "audit_event", "audit_detail", "audit_subject", "audit_seal", "audit_tile" to "callvault_operator";
grant update on table "principal", "api_key", "sign_in", "sign_in_link", "passkey", "policy", "access_request",
  "decision", "access_grant", "session", "change", "team", "batch", "tenant", "recording", "recording_event", "expiry",
  "hold", "hold_recording", "subject_request", "subject_match", "index_progress", "deposit", "part", "wrapped_key",
  "tenant_kek", "ingest_key", "comment", "amendment", "erasure", "replay", "replay_question", "idempotency", "window",
  "clock_beat" to "callvault_operator";
grant delete on table "team_member", "team_queue", "recording_event", "hold", "blind_index", "object", "part",
  "wrapped_key", "tenant_kek", "ingest_key", "comment", "amendment", "idempotency", "answered_challenge", "window",
  "clock_beat" to "callvault_operator";
grant update ("due", "reached") on table "withdrawal" to "callvault_operator";
grant update ("held", "mark", "reread", "restored", "restoring", "size") on table "audit_head" to "callvault_operator";
grant update ("salt", "sealed") on table "audit_detail" to "callvault_operator";
grant update ("hashes") on table "audit_tile" to "callvault_operator";

-- The users that free deleted rows see how old the transactions of others are. From PostgreSQL 17 on they may vacuum these
-- tables, then close the segment of the write-ahead log and make a checkpoint; before, only the owner may.
do $freeing$
declare
  "right" text;
begin
  foreach "right" in array array[
    'grant "pg_read_all_stats" to USERS',
    'grant maintain on table "wrapped_key", "deposit", "comment", "amendment" to USERS',
    'grant execute on function pg_switch_wal() to USERS',
    'grant "pg_checkpoint" to USERS'
  ] loop
    continue when "right" not like '%stats%' and current_setting('server_version_num')::integer < 170000;
    begin
      execute replace("right", 'USERS', '"callvault_work", "callvault_all"');
    exception
      when insufficient_privilege then raise warning 'not granted, the administrator lacks the right: %', "right";
    end;
  end loop;
end
$freeing$;

commit;
