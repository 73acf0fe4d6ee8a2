#!/usr/bin/env python3
"""Vectors of amendment streams and tombstone lists, made from their page alone; primitives and inputs from generate.py beside it.

    amendments.py [--out FILE]      write the vectors (standard output without --out)
    amendments.py --check FILE      make them again and compare bytes

Nothing is random. A reader in here holds every stream and every hostile case to the result that it names. What each member means:
README.md. One file over 250 lines, so that it can be read alone.
"""
import argparse
import base64
import binascii
import datetime
import hmac
import json
import re
import sys

from cryptography.exceptions import InvalidTag

sys.dont_write_bytecode = True  # no folder of compiled files beside the vectors
import generate as g  # noqa: E402

MOST_ENTRY, MOST_BODY, MOST_RULES, MOST_N, MOST_LEVELS = 65_536, 32_768, 24_576, 99_999_999, 64
ID = "[0-7][0-9a-hjkmnp-tv-z]{25}"
NAME = re.compile(f"t/(ten_{ID})/a/([0-9]{{10}})/((?:rec|hld|ten)_{ID})-([0-9]{{8}})[.]json")
LIST_NAME = re.compile(f"t/(ten_{ID})/x/([0-9]{{8}})/(evt_{ID})[.]json")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z")
NEVER_SET = ("v", "source", "call_id", "leg", "duration_ms", "channels", "sha256", "set_by")
CATEGORIES, VISIBILITIES = ("compliance", "praise", "improve", "follow-up", "note"), ("team", "private")
DIRECTIONS = ("inbound", "outbound", "internal")
ZEROS = g.b64(bytes(64))


# ---- Keys and JSON

def amendment_key(metadata_key):
    return g.expand(metadata_key, g.info("callvault/amendment@v1"), 32)


def amendment_mac_key(metadata_key):
    return g.expand(metadata_key, g.info("callvault/amendment-mac@v1"), 64)


def list_mac_key(metadata_key):
    return g.expand(metadata_key, g.info("callvault/tombstone-list@v1"), 64)


def canonical(value):
    """As in generate.py, and null: a merge patch has it."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(g.quoted(name) + ":" + canonical(inner) for name, inner in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return g.canonical(value)


def mac_of(key, document):
    return g.b64(hmac.digest(key, canonical({name: value for name, value in document.items() if name != "mac"}).encode(), "sha512"))


# ---- Writing

def path_of(tenant, subject, n, at):
    return f"t/{tenant}/a/{at[0:4]}{at[5:7]}{at[8:10]}{at[11:13]}/{subject}-{n:08d}.json"


def context_of(tenant, subject, n, event):
    return g.info("callvault/amendment@v1", tenant, subject, str(n), event)


def signed(document, key=None):
    return document | {"mac": mac_of(key or amendment_mac_key(g.METADATA_KEY), document)}


def make_entry(label, subject, n, at, prev, body, tenant=g.TENANT, metadata_key=g.METADATA_KEY):
    """`body`: a value, or the exact text of one that no writer makes."""
    text = body if isinstance(body, str) else canonical(body)
    event, salt = g.id_of("evt", f"amendment {label}"), g.salt_of(f"amendment {label}")
    context = context_of(tenant, subject, n, event)
    sealed = g.seal(amendment_key(metadata_key), context, salt, text.encode())
    document = signed({"format": "callvault/1", "tenant": tenant, "subject": subject, "n": n, "at": at, "event": event, "prev": prev, "sealed": g.b64(sealed)},
                      amendment_mac_key(metadata_key))
    return {"path": path_of(tenant, subject, n, at), "document": document, "body": text, "salt": salt, "context": context}


def make_stream(label, subject, steps, **how):
    """`steps`: (at, body)."""
    made, prev = [], ZEROS
    for n, (at, body) in enumerate(steps, 1):
        made.append(make_entry(f"{label} {n}", subject, n, at, prev, body, **how))
        prev = made[-1]["document"]["mac"]
    return made


def text_of(entry):
    return canonical(entry["document"])


def digest_of(text):
    return g.sha256(text.encode()).hex()


# ---- Reading: the whole way, as a reader must

class Fault(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


def damaged_unless(truth, code="amendment_damaged"):
    if not truth:
        raise Fault(code)


def parse(raw, most, code):
    def once(pairs):
        damaged_unless(len(dict(pairs)) == len(pairs), code)
        return dict(pairs)

    def refuse(_):
        raise Fault(code)

    damaged_unless(len(raw) <= most, code)
    try:
        value = json.loads(raw.decode(), object_pairs_hook=once, parse_float=refuse, parse_constant=refuse)
        damaged_unless(isinstance(value, dict) and canonical(value).encode() == raw, code)
    except (ValueError, TypeError, RecursionError):
        raise Fault(code) from None
    return value


def bytes_of(text, length=None):
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except binascii.Error:
        return None
    return data if data is not None and g.b64(data) == text and length in (None, len(data)) else None


def is_id(value, prefix="[a-z]{3}"):
    return isinstance(value, str) and re.fullmatch(f"{prefix}_{ID}", value) is not None


def is_time(value):
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return False
    return True


def is_text(value, most=MOST_BODY):
    return isinstance(value, str) and 0 < len(value.encode("utf-16-be")) // 2 <= most


def is_integer(value, least=0):
    return type(value) is int and value >= least


def is_index(value):
    return isinstance(value, dict) and set(value) == {"label", "value"} and is_text(value["label"]) and bytes_of(value["value"], 16) is not None


def is_list(value, each, key=lambda one: one, least=0, most=MOST_BODY):
    """Ascending, each once."""
    if not isinstance(value, list) or not least <= len(value) <= most or not all(map(each, value)):
        return False
    keys = [key(one).encode() if isinstance(key(one), str) else key(one) for one in value]
    return all(a < b for a, b in zip(keys, keys[1:]))


def are_recordings(value):
    return is_list(value, lambda one: is_id(one, "rec"), least=1, most=200)


def are_indexes(value):
    return is_list(value, is_index, lambda one: (one["label"], one["value"]))


SCOPE_FORMS = {"from": is_time, "to": is_time, "direction": is_text, "language": is_text, "indexes": are_indexes}


def is_scope(value):
    return isinstance(value, dict) and all(SCOPE_FORMS[name](inner) for name, inner in value.items())


def is_object(value):
    return isinstance(value, dict)


def is_rule(value):
    return isinstance(value, dict) and len(canonical(value).encode()) <= MOST_RULES


def is_boolean(value):
    return isinstance(value, bool)


COMMENT = {"id": lambda v: is_id(v, "cmt"), "version": lambda v: is_integer(v, 1), "author": is_id, "start_ms": is_integer, "end_ms?": is_integer,
           "category": is_text, "visibility": is_text, "created": is_time, "edited?": is_time, "text": lambda v: is_text(v, 4000)}
MEMBERS = {
    ("rec", "facts"): {"set": lambda v: is_object(v) and not set(v) & set(NEVER_SET), "as_of?": is_time},
    ("rec", "comment"): COMMENT,
    ("hld", "hold"): {"reference": is_text, "title": is_text, "continuing": is_boolean, "review": is_time, "scope?": is_scope},
    ("hld", "cover"): {"recordings": are_recordings},
    ("hld", "lift"): {"recordings?": are_recordings},
    ("ten", "settings"): {"set": is_object},
    ("ten", "retention"): {"id": lambda v: is_id(v, "ret"), "body": is_rule},
    ("ten", "policy"): {"id": lambda v: is_id(v, "pol"), "body": is_rule},
    ("ten", "notice"): {"id": lambda v: is_id(v, "ntc"), "version": lambda v: is_integer(v, 1), "language": is_text, "text": is_text},
    ("ten", "withdrawal"): {"id": lambda v: is_id(v, "wdr"), "indexes": are_indexes, "at": is_time, "purposes": lambda v: is_list(v, is_text)},
}
HEAD = {"v": is_integer, "op": is_text, "why": lambda v: is_text(v, 64) and re.fullmatch("[a-z_]+[.][a-z_]+", v),
        "by": lambda v: isinstance(v, str) and re.fullmatch("[!-~]{1,128}", v)}


ENUMS = {"category": CATEGORIES, "visibility": VISIBILITIES, "direction": DIRECTIONS}


def inner_of(value):
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def has_null(value):
    return value is None or any(map(has_null, inner_of(value)))


def levels(value):
    """How deep objects and lists are nested; 0 for anything else."""
    return 1 + max(map(levels, inner_of(value)), default=0) if isinstance(value, (dict, list)) else 0


def check_body(kind, body):
    damaged_unless(levels(body) <= MOST_LEVELS)
    damaged_unless(type(body.get("v")) is int and isinstance(body.get("op"), str))
    damaged_unless(body["v"] == 1 and (kind, body["op"]) in MEMBERS, "amendment_unknown")
    forms = HEAD | MEMBERS[kind, body["op"]]
    if body["op"] == "comment" and "text" not in body:
        forms = HEAD | {name: COMMENT[name] for name in ("id", "version")}
        damaged_unless(not set(body) & {name.rstrip("?") for name in set(COMMENT) - {"id", "version"}})
    known = {name.rstrip("?"): form for name, form in forms.items()}
    scope = body["scope"] if isinstance(body.get("scope"), dict) else {}
    damaged_unless(set(body) <= set(known) and set(scope) <= set(SCOPE_FORMS), "amendment_unknown")
    damaged_unless({name for name in forms if not name.endswith("?")} <= set(body))
    damaged_unless(not has_null({name: value for name, value in body.items() if name != "set"}))
    damaged_unless(all(known[name](value) for name, value in body.items()))
    enums = {"comment": body, "hold": scope}.get(body["op"], {})
    damaged_unless(all(enums[name] in values for name, values in ENUMS.items() if name in enums), "amendment_unknown")


def open_entry(metadata_key, path, raw, previous, row):
    tenant, hour, subject, n = NAME.fullmatch(path).groups()
    document = parse(raw, MOST_ENTRY, "amendment_damaged")
    damaged_unless(document.get("format") == "callvault/1", "amendment_unknown")
    damaged_unless(sorted(document) == "at event format mac n prev sealed subject tenant".split())
    damaged_unless(type(document["n"]) is int and 1 <= document["n"] <= MOST_N)
    damaged_unless((document["tenant"], document["subject"], document["n"]) == (tenant, subject, int(n)))
    damaged_unless(not subject.startswith("ten_") or subject == tenant)
    damaged_unless(is_time(document["at"]) and path == path_of(tenant, subject, document["n"], document["at"]))
    damaged_unless(is_id(document["event"], "evt"))
    sealed, mac = bytes_of(document["sealed"]), bytes_of(document["mac"], 64)
    damaged_unless(sealed is not None and mac is not None and bytes_of(document["prev"], 64) is not None)
    damaged_unless(hmac.compare_digest(mac_of(amendment_mac_key(metadata_key), document), document["mac"]))
    damaged_unless(document["prev"] == (previous["mac"] if previous else ZEROS))
    damaged_unless(previous is None or document["at"] >= previous["at"])
    damaged_unless(row is None or row == g.sha256(raw).hex(), "amendment_forked")
    try:
        context = context_of(tenant, subject, document["n"], document["event"])
        body = parse(g.open_message(amendment_key(metadata_key), context, sealed), MOST_BODY, "amendment_damaged")
    except (g.Refused, InvalidTag):
        raise Fault("amendment_damaged") from None
    check_body(subject[:3], body)
    return document, body


def read_stream(blobs, subject, rows=None, metadata_key=g.METADATA_KEY):
    """Bodies before the first fault; None, or its code and n. `blobs`: path to bytes; `rows`: digests of entries 1, 2, …"""
    names, bodies, previous = {}, [], None
    for path in sorted(blobs):
        found = NAME.fullmatch(path)
        if found and found[3] == subject:
            names.setdefault(int(found[4]), []).append(path)
    for n in range(min([*names, 1]), max([*names, len(rows or [])]) + 1 if names or rows else 0):
        try:
            damaged_unless(n > 0)
            damaged_unless(n in names, "amendment_missing")
            damaged_unless(len(names[n]) == 1, "amendment_forked")
            path = names[n][0]
            row = rows[n - 1] if rows is not None and n <= len(rows) else None
            previous, body = open_entry(metadata_key, path, blobs[path], previous, row)
            damaged_unless(rows is None or n <= len(rows), "amendment_without_row")
        except Fault as fault:
            return bodies, (fault.code, n)
        bodies.append(body)
    return bodies, None


def merge(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merge(out.get(name), value)
    return out


# ---- Inputs

OTHER_TENANT, OTHER = g.id_of("ten", "two"), g.id_of("rec", "two")
HOLD, LISTED = g.id_of("hld", "one"), g.id_of("hld", "list")
PERSON, PRIVACY, SERVICE = g.id_of("usr", "supervisor"), g.id_of("usr", "privacy"), g.id_of("svc", "pbx")
RECORDINGS = sorted(g.id_of("rec", f"held {n}") for n in range(3))


def body(op, why, by, **members):
    return {"v": 1, "op": op, "why": why, "by": by} | members


def facts(by, changes, **members):
    return body("facts", "recording.amended", by, set=changes, **members)


def comment(action, label, version, **members):
    return body("comment", action, PERSON, id=g.id_of("cmt", label), version=version, **members)


def index_of(label, value):
    return {"label": label, "value": g.b64(g.blind_index(g.METADATA_KEY, label, value))}


FIRST = "2026-11-25T10:59:59.999Z"
FACTS_STEPS = [
    (FIRST, facts(SERVICE, {"wrap_up": "退款", "interaction": "C-2026-0001", "fields": {"contract": "K-17", "zone": "华东"}}, as_of="2026-11-25T09:05:00.000Z")),
    ("2026-11-25T11:00:00.000Z", facts(PERSON, {"agent": "李娜", "ticket": None, "fields": {"zone": None}})),
    ("2026-11-28T23:59:59.000Z", facts(PRIVACY, {"numbers": {"to": None}, "notes": None, "basis": {"kind": "contract", "at": None, "language": None, "evidence": None},
                                                 "events": {"contract-end": "2027-03-31T00:00:00.000Z"}, "retain_until": "2030-03-31T00:00:00.000Z",
                                                 "pauses": [{"start_ms": 1000, "end_ms": 1000, "reason": "payment-card"}]})),
]
NOTE = {"author": PERSON, "start_ms": 61000, "category": "improve", "visibility": "team", "created": "2026-11-25T12:00:00.000Z"}
COMMENT_STEPS = [
    ("2026-11-25T12:00:00.000Z", comment("comment.added", "one", 1, **NOTE, text="问候 \"too\" fast\n\u2028\U0001f4de")),
    ("2026-11-25T12:00:00.000Z", comment("comment.added", "two", 1, **NOTE | {"start_ms": 0, "visibility": "private", "category": "note"}, text="x" * 4000, end_ms=300000)),
    ("2026-11-25T12:01:00.000Z", comment("comment.changed", "one", 2, **NOTE, text="问候", edited="2026-11-25T12:01:00.000Z")),
    ("2026-11-26T00:00:00.000Z", comment("comment.removed", "two", 2)),
]
SETTINGS_STEPS = [
    ("2026-11-25T08:00:00.000Z", body("settings", "tenant.created", "op-17", set={"default_basis": "consent", "decide_by_key": False, "time_zone": "Asia/Shanghai"})),
    ("2026-11-25T08:00:00.000Z", body("policy", "tenant.created", "op-17", id=g.id_of("pol", "one"), body={"v": 1, "purposes": {}})),
    ("2026-11-26T08:00:00.000Z", body("settings", "tenant.changed", PRIVACY, set={"time_zone": None, "searchable_fields": ["contract", "zone"], "request_period": "P15D"})),
    ("2026-11-26T09:00:00.000Z", body("retention", "retention.changed", PRIVACY, id=g.id_of("ret", "one"),
                                     body={"v": 1, "grace": "P7D", "keep": [], "erase": [{"id": "all", "name": "全部", "when": {}, "from": "call", "for": "P3Y"}]})),
    ("2026-11-26T09:30:00.000Z", body("notice", "tenant.changed", PRIVACY, id=g.id_of("ntc", "one"), version=3, language="zh-CN", text="本次通话将被录音。")),
    ("2026-11-27T00:00:00.000Z", body("withdrawal", "consent.withdrawn", PRIVACY, id=g.id_of("wdr", "one"), at="2026-11-26T16:00:00.000Z",
                                     indexes=[index_of("phone", "+8613800138000")], purposes=["quality", "training"])),
]
SCOPE = {"from": "2026-01-01T00:00:00.000Z", "to": "2026-12-01T00:00:00.000Z", "direction": "inbound", "language": "zh-CN",
         "indexes": [index_of("agent", "张伟"), index_of("phone", "+8613800138000")]}
HELD = {"reference": "(2026)沪01民初17号", "title": "争议", "review": "2027-05-25T00:00:00.000Z"}
HOLD_STEPS = [
    ("2026-11-25T09:00:00.000Z", body("hold", "hold.placed", PRIVACY, **HELD, continuing=True, scope=SCOPE)),
    ("2026-11-25T09:00:01.000Z", body("cover", "hold.placed", PRIVACY, recordings=RECORDINGS)),
    ("2026-11-27T09:00:00.000Z", body("lift", "hold.lifted", PRIVACY, recordings=RECORDINGS[:1])),
    ("2026-11-27T10:00:00.000Z", body("hold", "hold.placed", PRIVACY, **HELD | {"title": "争议，二审"}, continuing=False, scope=SCOPE)),
]
LIST_STEPS = [
    ("2026-11-25T09:00:00.000Z", body("hold", "hold.placed", PRIVACY, **HELD, continuing=False)),
    ("2026-11-25T09:00:00.000Z", body("cover", "hold.placed", PRIVACY, recordings=RECORDINGS)),
    ("2026-11-27T09:00:00.000Z", body("lift", "hold.lifted", PRIVACY)),
]
STREAMS = {
    "a recording's facts": make_stream("facts", g.RECORDING, FACTS_STEPS),
    "another recording's facts": make_stream("other", OTHER, [(FIRST, facts(SERVICE, {"agent": "王芳"})), ("2026-11-25T11:00:00.000Z", facts(PERSON, {"queue": None}))]),
    "comments": make_stream("comments", g.id_of("rec", "commented"), COMMENT_STEPS),
    "facts and comments": make_stream("both", g.id_of("rec", "both"), [*FACTS_STEPS[:2], *COMMENT_STEPS[:3], FACTS_STEPS[2]]),
    "a tenant's settings": make_stream("settings", g.TENANT, SETTINGS_STEPS),
    "a hold by scope": make_stream("hold", HOLD, HOLD_STEPS),
    "a hold by list": make_stream("list", LISTED, LIST_STEPS),
}


# ---- The vectors, one function a member of amendments.json

def make_keys():
    return {"metadata_key": g.METADATA_KEY.hex(), "amendment_key": amendment_key(g.METADATA_KEY).hex(), "amendment_mac_key": amendment_mac_key(g.METADATA_KEY).hex(),
            "list_mac_key": list_mac_key(g.METADATA_KEY).hex(), "natural_index_key": g.index_key(g.METADATA_KEY, "natural").hex()}


def make_names():
    cases = [(g.RECORDING, 1, FIRST), (g.RECORDING, 2, "2026-11-25T11:00:00.000Z"), (g.TENANT, 10, "2026-12-31T23:59:59.999Z"), (HOLD, MOST_N, "2028-02-29T00:00:00.000Z")]
    return [{"tenant": g.TENANT, "subject": subject, "n": n, "at": at, "path": path_of(g.TENANT, subject, n, at)} for subject, n, at in cases]


def shown(label, entry):
    document, text = entry["document"], text_of(entry)
    assert open_entry(g.METADATA_KEY, entry["path"], text.encode(), None, None) if document["n"] == 1 else True
    return {"name": label, "body": entry["body"], "context": entry["context"].hex(), "salt": entry["salt"].hex(),
            "signed": canonical({name: value for name, value in document.items() if name != "mac"}), "path": entry["path"], "json": text, "entry": digest_of(text)}


def make_entries():
    return [shown(f"{label}, entry {n}", entry) for label, made in STREAMS.items() for n, entry in enumerate(made, 1)]


def longest_body(size):
    """Facts with one long member of a later version: `size` bytes."""
    empty = canonical(facts(SERVICE, {"x_long": ""}))
    return facts(SERVICE, {"x_long": "x" * (size - len(empty))})


def make_longest():
    out = []
    for size, fault in ((MOST_BODY, None), (MOST_BODY + 1, "amendment_damaged")):
        made = make_entry(f"body of {size}", g.RECORDING, 1, FIRST, ZEROS, longest_body(size))
        text, document = text_of(made), made["document"]
        assert len(made["body"]) == size and read_stream({made["path"]: text.encode()}, g.RECORDING)[1] == (fault and (fault, 1))
        out.append({"body": size, "set": canonical({"x_long": "x"}), "times": len(json.loads(made["body"])["set"]["x_long"]), "by": SERVICE, "at": FIRST, "n": 1,
                    "event": document["event"], "salt": made["salt"].hex(), "sealed": len(bytes_of(document["sealed"])), "mac": document["mac"], "path": made["path"],
                    "bytes": len(text), "entry": digest_of(text), "fault": fault})
    return out


def merged(base, bodies, op):
    out = [base]
    for each in bodies:
        out.append(merge(out[-1], each["set"]) if each["op"] == op else out[-1])
    return out[1:]


def comments_of(bodies):
    found = {}
    for each in bodies:
        if each["op"] == "comment":
            found.pop(each["id"], None)
            if "text" in each:
                found[each["id"]] = {name: value for name, value in each.items() if name in {key.rstrip("?") for key in COMMENT}}
    return [found[each] for each in sorted(found)]


def covered_of(bodies):
    covered, ended = set(), False
    for each in bodies:
        if each["op"] == "cover":
            covered |= set(each["recordings"])
        if each["op"] == "lift":
            ended = ended or "recordings" not in each
            covered -= set(each.get("recordings", covered))
    return {"covered": sorted(covered), "ended": ended}


def make_streams():
    out = []
    for label, made in STREAMS.items():
        blobs, subject = {each["path"]: text_of(each).encode() for each in made}, made[0]["document"]["subject"]
        bodies, fault = read_stream(blobs, subject)
        assert fault is None and [canonical(each) for each in bodies] == [each["body"] for each in made]
        assert read_stream(blobs, subject, [g.sha256(raw).hex() for raw in blobs.values()])[1] is None
        assert list(blobs) == sorted(blobs), "names in byte order are the stream in order"
        case = {"name": label, "subject": subject, "entries": list(blobs)}
        if subject.startswith("rec_"):
            base = g.envelope_facts()
            after = merged(base, bodies, "facts")
            # The newest envelope may have some of the entries already: the end is the same.
            assert all(merged(start, bodies, "facts")[-1] == after[-1] for start in after)
            case |= {"facts": canonical(base), "facts_after": [canonical(each) for each in after], "comments": canonical(comments_of(bodies))}
        elif subject.startswith("ten_"):
            case |= {"settings_after": [canonical(each) for each in merged({}, bodies, "settings")]}
        else:
            case |= covered_of(bodies)
        out.append(case)
    return out


LONG = "x" * 1000


def written(text):
    """A long run of x is told by its length: the text is `json` with `pad` more x after its first thousand."""
    most = max((len(run) for run in re.findall("x{1000,}", text)), default=0)
    return {"json": text} if most == 0 else {"json": text.replace("x" * most, LONG), "pad": most - 1000}


def make_hostile():
    label = "a recording's facts"
    made, other, settings = STREAMS[label], STREAMS["another recording's facts"], STREAMS["a tenant's settings"]
    one, two, three = made
    paths, texts = [each["path"] for each in made], [text_of(each) for each in made]
    documents = [each["document"] for each in made]
    second, at2, prev2 = documents[1], documents[1]["at"], documents[0]["mac"]
    rows = [digest_of(text) for text in texts]
    mac_key, cases = amendment_mac_key(g.METADATA_KEY), []

    def case(name, fault, n, put=(), drop=(), with_rows=None, stream=label):
        at = {each["path"]: text_of(each) for each in STREAMS[stream]}
        blobs = {path: text for path, text in at.items() if path not in drop} | dict(put)
        assert blobs != at or with_rows, name
        bodies, found = read_stream({path: text.encode() for path, text in blobs.items()}, STREAMS[stream][0]["document"]["subject"], with_rows)
        assert found == (None if fault is None else (fault, n)), (name, found)
        record = {"name": name, "stream": stream, "drop": list(drop), "put": [{"path": path} | written(text) for path, text in dict(put).items()], "fault": fault,
                  "n": n, "authentic": len(bodies)}
        cases.append(record | ({"rows": with_rows} if with_rows else {}))

    def changed(name, fault, **members):
        """Entry 2 with other members, its mac right."""
        case(name + ", its mac right", fault, 2, put={paths[1]: canonical(signed(second | members))})

    def other_body(name, fault, text, stream=label):
        target = STREAMS[stream][1]["document"]
        made_up = make_entry("hostile " + name, target["subject"], 2, target["at"], target["prev"], text)
        case(name, fault, 2, put={made_up["path"]: text_of(made_up)}, stream=stream)

    def without(document, *names):
        return {name: value for name, value in document.items() if name not in names}

    # Changed, by somebody without the key
    flipped = bytes_of(second["sealed"])
    flipped = g.b64(flipped[:60] + bytes([flipped[60] ^ 1]) + flipped[61:])
    for name, document in {
        "sealed changed": second | {"sealed": flipped}, "at changed": second | {"at": "2026-11-25T11:00:00.001Z"},
        "event changed": second | {"event": documents[2]["event"]}, "prev changed": second | {"prev": ZEROS},
        "n changed": second | {"n": 3}, "tenant changed": second | {"tenant": OTHER_TENANT},
        "subject changed": second | {"subject": OTHER}, "mac of entry 1": second | {"mac": documents[0]["mac"]},
        "mac without padding": second | {"mac": second["mac"].rstrip("=")}, "mac with loose bits": second | {"mac": g.loosened(second["mac"])},
        "mac cut to 32 bytes": second | {"mac": g.b64(bytes_of(second["mac"])[:32])}, "mac of zeros": second | {"mac": ZEROS},
    }.items():
        case(name, "amendment_damaged", 2, put={paths[1]: canonical(document)})
    for name, text in {
        "leading space": " " + texts[1], "trailing line feed": texts[1] + "\n", "byte order mark": "\ufeff" + texts[1],
        "space between members": texts[1].replace('","', '", "', 1), "escaped slash": texts[1].replace("callvault/1", "callvault\\/1"),
        "members out of order": json.dumps(second, ensure_ascii=False, separators=(",", ":")),
        "member twice": texts[1].replace('"n":2,', '"n":2,"n":2,', 1), "number with a fraction": texts[1].replace('"n":2,', '"n":2.0,', 1),
        "a list": "[" + texts[1] + "]", "empty": "", "deep": "[" * 5000,
    }.items():
        case(name, "amendment_damaged", 2, put={paths[1]: text})
    case("over 65,536 bytes, its mac right", "amendment_damaged", 2, put={paths[1]: canonical(signed(second | {"x": "x" * 65_000}))})
    # Dropped, cut
    case("dropped in the middle", "amendment_missing", 2, drop=[paths[1]])
    case("first dropped", "amendment_missing", 1, drop=[paths[0]])
    case("all but the last dropped", "amendment_missing", 1, drop=paths[:2])
    case("tail cut, without rows: not seen", None, None, drop=[paths[2]])
    case("tail cut, with rows", "amendment_missing", 3, drop=[paths[2]], with_rows=rows)
    case("all dropped, with rows", "amendment_missing", 1, drop=paths, with_rows=rows)
    case("dropped in the middle and the tail renumbered", "amendment_damaged", 2, drop=[paths[1], paths[2]],
         put={path_of(g.TENANT, g.RECORDING, 2, documents[2]["at"]): texts[2]})
    # Swapped
    case("entry 2 of another recording", "amendment_damaged", 2, put={paths[1]: text_of(other[1])})
    case("all entries of another recording", "amendment_damaged", 1, drop=[paths[2]], put={paths[0]: text_of(other[0]), paths[1]: text_of(other[1])})
    case("entries 1 and 2 change places", "amendment_damaged", 1, put={paths[0]: texts[1], paths[1]: texts[0]})
    foreign = make_stream("foreign", g.RECORDING, FACTS_STEPS, tenant=OTHER_TENANT, metadata_key=g.key_of("metadata key two"))
    case("of another tenant", "amendment_damaged", 2, put={paths[1]: text_of(foreign[1])})
    # Replayed
    case("entry 1 again as entry 2", "amendment_damaged", 2, put={paths[1]: texts[0]})
    case("entry 1 again as entry 4", "amendment_damaged", 4, put={path_of(g.TENANT, g.RECORDING, 4, documents[2]["at"]): texts[0]})
    case("entry 2 again in another hour", "amendment_forked", 2, put={path_of(g.TENANT, g.RECORDING, 2, "2026-11-25T12:00:00.000Z"): texts[1]})
    case("entry 2 moved to another hour", "amendment_damaged", 2, drop=[paths[1]], put={path_of(g.TENANT, g.RECORDING, 2, "2026-11-25T12:00:00.000Z"): texts[1]})
    branch = make_entry("branch", g.RECORDING, 3, documents[2]["at"], second["mac"], facts(PERSON, {"agent": "赵敏"}))
    case("entry 3 of a lost branch, without rows: not seen", None, None, put={paths[2]: text_of(branch)})
    case("entry 3 of a lost branch, with rows", "amendment_forked", 3, put={paths[2]: text_of(branch)}, with_rows=rows)
    late = make_entry("late branch", g.RECORDING, 3, "2026-11-29T00:00:00.000Z", second["mac"], facts(PERSON, {"agent": "赵敏"}))
    case("entry 3 twice, of two branches", "amendment_forked", 3, put={late["path"]: text_of(late)})
    tail = make_entry("tail", g.RECORDING, 4, "2026-11-29T00:00:00.000Z", documents[2]["mac"], facts(PERSON, {"agent": "赵敏"}))
    case("entry 4 that the rows lack", "amendment_without_row", 4, put={tail["path"]: text_of(tail)}, with_rows=rows)
    # Forged without the MAC key
    forged = make_entry("forged", g.RECORDING, 4, "2026-11-29T00:00:00.000Z", documents[2]["mac"], facts(PERSON, {"agent": "赵敏"}), metadata_key=g.key_of("attacker"))
    case("entry 4 forged under another metadata key", "amendment_damaged", 4, put={forged["path"]: text_of(forged)})
    for name, key in {"the amendment key": amendment_key(g.METADATA_KEY), "the tombstone-list key": list_mac_key(g.METADATA_KEY),
                      "the tenant MAC key": g.tenant_mac_key(g.METADATA_KEY), "the metadata key": g.METADATA_KEY}.items():
        case(f"mac under {name}", "amendment_damaged", 2, put={paths[1]: canonical(signed(second, key))})
    cut = hmac.digest(mac_key, canonical(without(second, "mac", "sealed")).encode(), "sha512")
    case("mac without `sealed`", "amendment_damaged", 2, put={paths[1]: canonical(second | {"mac": g.b64(cut)})})
    # What only a writer with a defect makes: the mac is right
    changed("unknown member", "amendment_damaged", extra=1)
    changed("unknown format", "amendment_unknown", format="callvault/2")
    case("member missing, its mac right", "amendment_damaged", 2, put={paths[1]: canonical(signed(without(second, "event", "mac")))})
    changed("n as text", "amendment_damaged", n="2")
    changed("n true", "amendment_damaged", n=True)
    changed("prev of entry 2 of another stream", "amendment_damaged", prev=other[0]["document"]["mac"])
    changed("prev of zeros", "amendment_damaged", prev=ZEROS)
    changed("prev in base64url", "amendment_damaged", prev=prev2.replace("+", "-").replace("/", "_"))
    changed("at without milliseconds", "amendment_damaged", at="2026-11-25T11:00:00Z")
    changed("sealed of entry 1", "amendment_damaged", sealed=documents[0]["sealed"])
    changed("another event", "amendment_damaged", event=documents[2]["event"])
    first = make_entry("not zeros", g.RECORDING, 1, FIRST, prev2, FACTS_STEPS[0][1])
    case("entry 1 with a prev, its mac right", "amendment_damaged", 1, put={paths[0]: text_of(first)})
    nought = make_entry("nought", g.RECORDING, 0, FIRST, ZEROS, FACTS_STEPS[0][1])
    case("an entry 0", "amendment_damaged", 0, put={nought["path"]: text_of(nought)})
    early = make_entry("early", g.RECORDING, 4, "2026-11-28T23:59:58.999Z", documents[2]["mac"], facts(PERSON, {"agent": "赵敏"}))
    case("at falls", "amendment_damaged", 4, put={early["path"]: text_of(early)})
    never = make_entry("30th of February", g.RECORDING, 4, "2027-02-30T00:00:00.000Z", documents[2]["mac"], facts(PERSON, {"agent": "赵敏"}))
    case("at on the 30th of February", "amendment_damaged", 4, put={never["path"]: text_of(never)})
    # Bodies, all sealed and signed right
    good, said, placed, held = FACTS_STEPS[1][1], COMMENT_STEPS[0][1], HOLD_STEPS[0][1], HOLD_STEPS[1][1]

    def nested(depth):
        value = {}
        for _ in range(depth - 3):
            value = [value]
        return facts(PERSON, {"x_deep": value})

    assert levels(nested(64)) == 64 and check_body("rec", nested(64)) is None
    for name, fault, value in [
        ("body not canonical", "amendment_damaged", canonical(good).replace('","', '", "', 1)), ("body a list", "amendment_damaged", "[]"), ("body empty", "amendment_damaged", ""),
        ("body with a fraction", "amendment_damaged", canonical(good).replace('"v":1', '"v":1.0')),
        ("v 2", "amendment_unknown", good | {"v": 2}), ("v missing", "amendment_damaged", without(good, "v")), ("op unknown", "amendment_unknown", good | {"op": "fact"}),
        ("op of a tenant", "amendment_unknown", good | {"op": "settings"}), ("member unknown", "amendment_unknown", good | {"extra": 1}),
        ("why missing", "amendment_damaged", without(good, "why")), ("by null", "amendment_damaged", good | {"by": None}), ("as_of null", "amendment_damaged", good | {"as_of": None}),
        ("as_of without zone", "amendment_damaged", good | {"as_of": "2026-11-25T09:05:00.000"}), ("set missing", "amendment_damaged", without(good, "set")),
        ("set a list", "amendment_damaged", good | {"set": []}), ("nested 65 levels deep", "amendment_damaged", nested(65)),
        *((f"set of {name}", "amendment_damaged", facts(PERSON, {name: None})) for name in NEVER_SET),
        ("comment of unknown category", "amendment_unknown", said | {"category": "blame"}), ("comment without author", "amendment_damaged", without(said, "author")),
        ("comment with end_ms null", "amendment_damaged", said | {"end_ms": None}), ("comment of 4,001 characters", "amendment_damaged", said | {"text": "x" * 4001}),
        ("comment with empty text", "amendment_damaged", said | {"text": ""}), ("comment removed, its author kept", "amendment_damaged", without(said, "text")),
    ]:
        other_body(name, fault, value)
    for name, fault, value in [
        ("recordings not ascending", "amendment_damaged", held | {"recordings": RECORDINGS[::-1]}), ("recording twice", "amendment_damaged", held | {"recordings": RECORDINGS[:1] * 2}),
        ("no recordings", "amendment_damaged", held | {"recordings": []}), ("201 recordings", "amendment_damaged", held | {"recordings": sorted(g.id_of("rec", f"many {n}") for n in range(201))}),
        ("an id that is none", "amendment_damaged", held | {"recordings": ["rec_one"]}), ("facts of a hold", "amendment_unknown", good),
        ("scope with an unknown member", "amendment_unknown", placed | {"scope": SCOPE | {"extra": None}}), ("scope with an unknown direction", "amendment_unknown", placed | {"scope": SCOPE | {"direction": "out"}}),
        ("scope with a damaged and an unknown member", "amendment_unknown", placed | {"review": "soon", "scope": SCOPE | {"extra": 1}}),
        ("scope with an unknown direction, a form wrong", "amendment_damaged", placed | {"title": "", "scope": SCOPE | {"direction": "out"}}),
    ]:
        other_body(name, fault, value, stream="a hold by scope")
    stranger = make_entry("stranger", OTHER_TENANT, 1, settings[0]["document"]["at"], ZEROS, SETTINGS_STEPS[0][1])
    bodies, found = read_stream({stranger["path"]: text_of(stranger).encode()}, OTHER_TENANT)
    assert (bodies, found) == ([], ("amendment_damaged", 1))
    cases.append({"name": "settings of another tenant, the mac right", "stream": None, "subject": OTHER_TENANT, "drop": [],
                  "put": [{"path": stranger["path"], "json": text_of(stranger)}], "fault": "amendment_damaged", "n": 1, "authentic": 0})
    return cases


# ---- Tombstone lists

def natural_of(label):
    return g.b64(g.blind_index(g.METADATA_KEY, "natural", g.info("pbx-sh", f"call {label}", "0")))


def list_document(label, erased):
    document = {"format": "callvault/1", "tenant": g.TENANT, "event": g.id_of("evt", f"erasing {label}"), "leaf": g.b64(g.sha256(f"callvault vector leaf {label}".encode())),
                "erased": erased}
    return signed(document, list_mac_key(g.METADATA_KEY))


def erased_of(count, missing=()):
    found = sorted(g.id_of("rec", f"erased {n}") for n in range(count))
    return [{"recording": each} | ({} if n in missing else {"natural": natural_of(n)}) for n, each in enumerate(found)]


def is_erased(one):
    return (isinstance(one, dict) and {"recording"} <= set(one) <= {"recording", "natural"} and is_id(one["recording"], "rec")
            and ("natural" not in one or bytes_of(one["natural"], 16) is not None))


def open_list(metadata_key, path, raw):
    code = "tombstone_damaged"
    place, document = LIST_NAME.fullmatch(path), parse(raw, MOST_ENTRY, code)
    damaged_unless(place and document.get("format") == "callvault/1", code)
    damaged_unless(sorted(document) == "erased event format leaf mac tenant".split() and bytes_of(document["mac"], 64) is not None, code)
    damaged_unless(hmac.compare_digest(mac_of(list_mac_key(metadata_key), document), document["mac"]), code)
    damaged_unless((document["tenant"], document["event"]) == (place[1], place[3]) and bytes_of(document["leaf"], 32) is not None, code)
    damaged_unless(is_list(document["erased"], is_erased, lambda one: one["recording"], 1, 100), code)
    return document


def list_path(document, day="20261125"):
    return f"t/{document['tenant']}/x/{day}/{document['event']}.json"


def make_tombstone_lists():
    lists = []
    for label, erased in {"one": erased_of(1), "three, one without natural key": erased_of(3, missing=(1,)), "a hundred": erased_of(100)}.items():
        document = list_document(label, erased)
        open_list(g.METADATA_KEY, list_path(document), canonical(document).encode())
        lists.append({"name": label, "path": list_path(document), "signed": canonical({n: v for n, v in document.items() if n != "mac"}), "mac": document["mac"], "json": canonical(document)})
    natural = [{"source": "pbx-sh", "call_id": f"call {n}", "leg": "0", "natural": natural_of(n)} for n in range(3)]
    three, key = list_document("hostile", erased_of(3)), list_mac_key(g.METADATA_KEY)
    text, refused = canonical(three), []

    def again(**members):
        return canonical(signed(three | members, key))

    hostile = {
        "a recording less": canonical(three | {"erased": three["erased"][:2]}), "a recording more": canonical(three | {"erased": erased_of(4)}),
        "natural key of another": canonical(three | {"erased": [three["erased"][0] | {"natural": natural_of(9)}, *three["erased"][1:]]}),
        "mac under the tombstone key": canonical(signed(three, g.tombstone_mac_key(g.METADATA_KEY))), "mac under the amendment MAC key": canonical(signed(three, amendment_mac_key(g.METADATA_KEY))),
        "mac under another metadata key": canonical(signed(three, list_mac_key(g.key_of("attacker")))),
        "mac with loose bits": canonical(three | {"mac": g.loosened(three["mac"])}), "trailing line feed": text + "\n",
        "members out of order": json.dumps(three, separators=(",", ":")),
        "not ascending, its mac right": again(erased=three["erased"][::-1]), "a recording twice, its mac right": again(erased=three["erased"][:1] * 2),
        "nothing erased, its mac right": again(erased=[]), "101 recordings, its mac right": again(erased=erased_of(101)),
        "natural null, its mac right": again(erased=[three["erased"][0] | {"natural": None}]), "natural of 15 bytes, its mac right": again(erased=[three["erased"][0] | {"natural": g.b64(bytes(15))}]),
        "leaf of 31 bytes, its mac right": again(leaf=g.b64(bytes(31))), "leaf in hex, its mac right": again(leaf=bytes(32).hex()),
        "unknown member, its mac right": again(extra=1), "unknown member of a recording, its mac right": again(erased=[three["erased"][0] | {"extra": 1}]),
        "unknown format, its mac right": again(format="callvault/2"), "event of another name, its mac right": again(event=g.id_of("evt", "another")),
        "another tenant, its mac right": again(tenant=OTHER_TENANT),
    }
    for label, bad in hostile.items():
        assert bad != text, label
        try:
            open_list(g.METADATA_KEY, list_path(three), bad.encode())
        except Fault as fault:
            refused.append({"name": label, "json": bad, "fault": fault.code})
        else:
            raise AssertionError(f"not refused: {label}")
    return {"natural": natural, "lists": lists, "path": list_path(three), "refused": refused}


MAKERS = [make_keys, make_names, make_entries, make_longest, make_streams, make_hostile, make_tombstone_lists]


def vectors():
    assert all(canonical(each["value"]) == each["json"] for each in g.make_canonical())
    found = {maker.__name__.removeprefix("make_"): maker() for maker in MAKERS} | {"format": "callvault/1"}
    return (g.laid_out(found) + "\n").encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    g.file_options(parser)
    return g.deliver(vectors(), parser.parse_args())


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
