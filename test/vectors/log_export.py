#!/usr/bin/env python3
"""Makes exports of audit logs, good ones and one with each fault, from the pages alone: log.md and the pages of C2SP.

    log_export.py FOLDER                  a folder for each case, and cases.json: what a reader must find in each
    log_export.py FOLDER --events 1000000 one large good export

Nothing is random: keys come from SHA-256 of a label, times from a fixed start. No line is shared with src/ or docs/verify_log.py.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.dont_write_bytecode = True
import proofs as p  # noqa: E402
import tlog as t  # noqa: E402

LOG, URL = "vault.example/ten_06f2vd4000000000000000tena", "https://vault.example"
DEPLOYMENT = "vault.example/deployment"
ADMIN, PRIVACY, LEAD, APPROVER, REVIEWER, LATE = (p.id_of("usr", name) for name in ("admin", "privacy", "lead", "approver", "reviewer", "late"))
PBX, OPERATOR, COLLEAGUE = p.id_of("svc", "pbx"), p.id_of("usr", "operator"), p.id_of("usr", "another operator")
TENANT = LOG.split("/")[1]
MINUTE, HOUR = 60_000, 3_600_000
SIGNERS = [hashlib.sha256(b"callvault vector signer: " + label).digest() for label in (b"first", b"second", b"stranger")]


def key_of(person):
    return ed25519.Ed25519PrivateKey.from_private_bytes(p.seed(person))


def public(seed):
    return b"\1" + ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


# ---- Stories

class Story:
    """A log whose events follow one another a second apart, and names for the indexes of some of them."""

    def __init__(self, log=LOG):
        self.log, self.leaves, self.at, self.named, self.sign_ins, self.linked = log, [], int(p.START.timestamp() * 1000), {}, {}, collections.Counter()
        self.has_calls, self.before = False, 0  # `before`: events that were taken out of `leaves`

    def seq(self):
        return self.before + len(self.leaves)

    def add(self, actor, action, object, name=None, outcome="ok", auth=None, **more):
        self.at += 1000
        kind = {"usr": "person", "svc": "service", "op-": "operator", "n1": "system"}[actor[:3]]
        auth = auth or {"person": "sign-in", "service": "api-key", "operator": "cli", "system": "none"}[kind]
        of_deployment = action.startswith("change.") if self.log == DEPLOYMENT else actor in (OPERATOR, COLLEAGUE)
        if kind == "person" and of_deployment:  # in their own log they sign in as people do
            kind = "operator"
        leaf = {"v": 1, "log": self.log, "seq": self.seq(), "id": p.id_of("evt", f"{self.log} {self.seq()}"), "ts": p.time_of(self.at), "node": "n1"}
        leaf |= {"actor": {"type": kind, "id": actor, "auth": auth}, "action": action, "outcome": outcome, "object": object} | more
        self.leaves.append(leaf)
        if name:
            self.named[name] = leaf
        return leaf

    def wait(self, milliseconds):
        self.at += milliseconds

    def time(self, milliseconds=0):
        return p.time_of(self.at + 1000 + milliseconds)

    def by(self, person):
        if person.startswith("op-") and person not in self.sign_ins:
            return {}
        return {"api_key": self.sign_ins[person]} if person == PBX else {"sign_in": self.sign_ins[person]}

    def sign_in(self, person, method="link"):
        self.linked[person] += 1
        again = f" {self.linked[person]}" if self.linked[person] > 1 else ""
        link = p.id_of("lnk", person + again)
        if method == "link":
            made = {"type": "link", "id": link, "principal": person, "expires": self.time(HOUR)}
            if self.has_calls and ADMIN in self.sign_ins:  # from then on two people
                approver = PRIVACY if person == ADMIN else ADMIN
                self.change(f"link {self.seq()}", "link", [("sign_in.link_made", made, None)], "op-17", approver, command=True)
            else:
                self.add("op-17", "sign_in.link_made", made, f"made link of {person}")
        self.sign_ins[person] = p.id_of("sgn", f"{person} {method}{again}")
        how = {"link": link} if method == "link" else {"passkey": p.id_of("pky", person)}
        self.add(person, "sign_in.opened", {"type": "sign_in", "id": self.sign_ins[person], "method": method, "ends": self.time(12 * HOUR), **how}, f"{method} of {person}")

    def passkey(self, person, name=None):
        object = {"type": "passkey", "id": p.id_of("pky", person), "principal": person, "key": p.g.b64(p.spki(key_of(person)))}
        self.add(person, "passkey.added", object | self.by(person), name or f"passkey of {person}")

    def assertion(self, person, challenge, key=None):
        authenticator, client, signature = p.assertion(key or key_of(person), challenge)
        return {"key": p.g.b64(p.spki(key_of(person))), **{name: p.g.b64(value) for name, value in (("authenticator", authenticator), ("client", client), ("signature", signature))}}

    def prove(self, person, decided, key=None, listed=None, passkey=None, version=2):
        """proof.given and what it covers; each of `decided` is (action, object, name). `passkey`: another than the person's first."""
        proof = p.id_of("prf", f"{self.log} {self.seq()}", self.at - 20_000)
        text = p.challenge_json(proof, [p.values_of(action, object, version) for action, object, _ in listed or decided], self.log, version)
        given = {"type": "proof", "id": proof, "decisions": len(decided), "passkey": p.id_of("pky", passkey or person)}
        self.add(person, "proof.given", given | self.assertion(passkey or person, p.g.sha256(text.encode()), key))
        for action, object, name in decided:
            self.add(person, action, object | {"proof": proof} | self.by(person), name)

    def recording(self, label):
        self.has_calls = True
        recording, deposit = p.id_of("rec", label), p.id_of("dep", label)
        self.add(PBX, "recording.created", {"type": "recording", "id": recording}, f"created {label}")
        self.add(PBX, "deposit.started", {"type": "deposit", "id": deposit, "recording": recording, "object": "audio"}, f"deposit {label}")
        self.add(PBX, "deposit.committing", {"type": "deposit", "id": deposit, "recording": recording})
        self.add(PBX, "deposit.available", {"type": "deposit", "id": deposit, "recording": recording, "object": "audio"})
        return recording

    def request(self, label, recording, approvals=1, who=REVIEWER, **changed):
        object = {"type": "request", "id": p.id_of("req", label), "recording": recording, "purpose": "complaint", "objects": "audio,transcript", "minutes": 20}
        self.add(who, "access.requested", object | {"approvals": approvals, "policy": p.id_of("pol", "1")} | self.by(who) | changed, f"request {label}")

    def approval(self, label, recording, grant=True, window=True, who=REVIEWER, **changed):
        object = {"type": "request", "id": p.id_of("req", label), "recording": recording, "person": who, "purpose": "complaint", "objects": "audio", "minutes": 15}
        object |= {"approvals": 1}
        if grant:
            object |= {"grant": p.id_of("grt", label), "extend_minutes": 10}
            object |= {"opens_until": self.time(8 * HOUR), "expires": self.time(8 * HOUR)} if window else {"expires": self.time(15 * MINUTE)}
        return "access.approved", object | changed, f"approved {label}"

    def listen(self, label, recording, how=None, who=REVIEWER, n=1, minutes=15, wait=5 * MINUTE, end=True, **changed):
        session = p.id_of("ses", f"{label} {n}")
        object = {"type": "session", "id": session, "grant": p.id_of("grt", label), "recording": recording, "purpose": "complaint", "policy": p.id_of("pol", "1"), "ends": self.time(minutes * MINUTE)}
        object |= how or {"request": p.id_of("req", label)}
        self.add(who, "session.opened", object | self.by(who) | changed, f"opened {label} {n}")
        self.wait(wait)
        if end:
            self.end(label, recording, n, who)

    def end(self, label, recording, n=1, who=REVIEWER, **changed):
        object = {"type": "session", "id": p.id_of("ses", f"{label} {n}"), "grant": p.id_of("grt", label), "recording": recording, "reason": "closed"}
        self.add(who, "session.ended", object | {"ranges": 4, "bytes": 480_000, "heard_ms": 60_000, "seconds": 300} | changed, f"ended {label} {n}")

    def extend(self, label, recording, expires, who=REVIEWER):
        object = {"type": "grant", "id": p.id_of("grt", label), "recording": recording, "request": p.id_of("req", label), "expires": expires}
        self.add(who, "grant.extended", object | self.by(who), f"extended {label}")

    def change(self, label, kind, effects, proposer=ADMIN, approver=PRIVACY, signed=True, key=None, proposer_key=None, approve=True, lines=None, command=False, signer=None, bare=False, doer=None, wait=0, end="change.applied", expires=7 * 24 * HOUR, late=0):
        """A change, signed by both, and its effects: each of `effects` is (action, object, name). `command`: the proposer's command, which
        does it after the approval and is signed by `signer`, if one is given; `bare`: signed by the approver alone. `doer` does it, after `wait`; `end`: its last event, or none.
        It is approved `late` milliseconds after it was signed."""
        id = p.id_of("chg", label)
        said = sorted(lines or [line_of(action, object) for action, object, _ in effects])
        digest = hashlib.sha256("".join(line + "\n" for line in said).encode()).hexdigest()
        object = {"type": "change", "id": id, "kind": kind, "base": "0" * 64, "effects": digest, "expires": self.time(expires)}
        object |= {"sha256": "ef" * 32} if self.log == DEPLOYMENT else {}
        proposed = self.add(proposer, "change.proposed", object | self.by(proposer), f"proposed {label}")
        challenge = p.g.sha256(b"\0" + t.canonical(proposed))
        if signed and not bare and (signer or not command):
            signer = signer or proposer
            self.add(signer, "change.signed", {"type": "change", "id": id, "kind": kind, "of": proposed["seq"]} | self.assertion(signer, challenge, proposer_key) | self.by(signer), f"signed {label}")
        if not approve:
            return id
        self.wait(late)
        by = {"of": proposed["seq"]} | self.assertion(approver, challenge, key) if signed else {}
        self.add(approver, "change.approved", {"type": "change", "id": id, "kind": kind} | by | self.by(approver), f"approved {label}")
        doer = doer or (proposer if command else approver)
        self.wait(wait)
        for action, object, name in effects:
            self.add(doer, action, object | {"change": id}, name)
        if end:
            self.add(doer, end, {"type": "change", "id": id, "kind": kind}, f"applied {label}")
        return id

    def erase(self, label, recording, end=True, **changed):
        """By a command and its change; of recordings that a rule erases, by the process."""
        erasing = "recording.erasing", {"type": "recording", "id": recording, "reason": "request"} | changed, f"erasing {label}"
        if "cause" in changed:
            self.add("n1", *erasing)
        else:
            self.change(f"erase {self.seq()}", "erase", [erasing], "op-17", ADMIN, command=True)
        if end:
            self.add("n1", "recording.erased", {"type": "recording", "id": recording, "begun": 0, "database": "overwritten"}, f"erased {label}")


def line_of(action, object):
    """What an event did, as `effects` has it."""
    given = ("key",) if object.get("how") == "given-key" else ()
    holder = ",".join(str(object[name]) for name in ("principal", "scopes", "how", "wrap", *given, "lost", *(("from",) if action.startswith("clock.") else ())) if name in object)
    who = ",".join(object[name] for name in ("roles", "code") if name in object)
    digest = None if "principal" in object else object.get("sha256")  # of a link it is of the secret
    return f"{action} {object['id']} {who or digest or holder or '-'}"


def beginning(adopt=True, rules=1):
    """Tenant, people, credentials: what every story needs."""
    s = Story()
    s.add("op-17", "tenant.created", {"type": "tenant", "id": TENANT, "admin": ADMIN, "approver_1": APPROVER, "approver_2": LEAD, "authority": 1}, "tenant")
    if adopt:
        s.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": 1, "url": URL} | ({} if rules is None else {"rules": rules}), "adopted")
    s.add("op-17", "person.added", {"type": "person", "id": PRIVACY, "roles": "privacy"}, "privacy")
    s.add("op-17", "person.added", {"type": "person", "id": REVIEWER, "roles": "reviewer"}, "reviewer")
    s.add("op-17", "service.added", {"type": "service", "id": PBX, "roles": "uploader", "owners": ADMIN}, "pbx")
    s.sign_ins[PBX] = p.id_of("key", "pbx")
    s.add("op-17", "api_key.created", {"type": "api_key", "id": s.sign_ins[PBX], "principal": PBX, "scopes": "ingest,request", "expires": s.time(365 * 24 * HOUR)}, "key")
    for person in (ADMIN, PRIVACY, APPROVER, LEAD, REVIEWER):
        s.sign_in(person)
    for person in (ADMIN, PRIVACY, APPROVER, LEAD):
        s.passkey(person)
    return s


def assign(s, label, recording, who=REVIEWER, **changed):
    object = {"type": "grant", "id": p.id_of("grt", label), "recording": recording, "person": who, "purpose": "quality", "objects": "audio", "minutes": 24}
    return "access.assigned", object | {"batch": p.id_of("bat", "1"), "opens_until": s.time(48 * HOUR)} | changed, f"assigned {label}"


def assigned_listen(s, label, recording, **more):
    s.listen(label, recording, {"batch": p.id_of("bat", "1"), "purpose": "quality"}, minutes=24, **more)


def new_key(s, label="2", principal=PBX):
    return "api_key.created", {"type": "api_key", "id": p.id_of("key", label), "principal": principal, "scopes": "ingest", "expires": s.time(90 * 24 * HOUR)}, f"key {label}"


def new_link(s, label="2", principal=LEAD):
    return "sign_in.link_made", {"type": "link", "id": p.id_of("lnk", f"new {label}"), "principal": principal, "expires": s.time(15 * MINUTE)}, f"link {label}"


def new_tenant_key(how="new-key", wrap=2, key=None, **more):
    return "key.rotated", {"type": "key", "id": TENANT, "how": how, "wrap": wrap, "key": f"arn:key/{key or wrap}"} | more, f"{how} {wrap}"


def good_story():
    """Every kind of story once; it ends with the signer's rotation."""
    s = beginning()
    calls = [s.recording(f"call {n}") for n in range(1, 7)]
    s.add(REVIEWER, "catalogue.read", {"type": "catalogue", "id": TENANT})
    s.add(REVIEWER, "catalogue.read", {"type": "catalogue", "id": TENANT, "window": s.time(-5 * MINUTE), "counted": 40}, "counted")
    s.request("one", calls[0])
    s.prove(APPROVER, [s.approval("one", calls[0])])
    s.listen("one", calls[0], end=False)
    first = p.ms(s.named["opened one 1"]["object"]["ends"])
    s.extend("one", calls[0], p.time_of(first + 10 * MINUTE))
    s.wait(13 * MINUTE)
    s.end("one", calls[0])
    s.listen("one", calls[0], n=2, minutes=2, wait=MINUTE)
    s.add(APPROVER, "grant.revoked", {"type": "grant", "id": p.id_of("grt", "one"), "recording": calls[0], "request": p.id_of("req", "one")} | s.by(APPROVER), "revoked one")
    s.request("two", calls[1], approvals=2)
    s.prove(APPROVER, [s.approval("two", calls[1], grant=False)])
    s.prove(LEAD, [s.approval("two", calls[1], window=False)])
    s.listen("two", calls[1], minutes=10)
    s.request("no", calls[1])
    denied = {"type": "request", "id": p.id_of("req", "no"), "recording": calls[1], "person": REVIEWER, "purpose": "complaint"}
    s.prove(APPROVER, [("access.denied", denied, "denied")])
    s.request("off", calls[1])
    s.add(REVIEWER, "access.cancelled", {"type": "request", "id": p.id_of("req", "off"), "recording": calls[1]} | s.by(REVIEWER))
    s.prove(LEAD, [assign(s, "a", calls[2]), assign(s, "b", calls[3])])
    assigned_listen(s, "a", calls[2])
    batch = {"batch": p.id_of("bat", "1")}
    s.add(REVIEWER, "grant.done", {"type": "grant", "id": p.id_of("grt", "a"), "recording": calls[2]} | batch | s.by(REVIEWER), "done a")
    s.add(REVIEWER, "grant.returned", {"type": "grant", "id": p.id_of("grt", "b"), "recording": calls[3]} | batch | s.by(REVIEWER), "returned b")
    s.add("n1", "batch.closed", {"type": "batch", "id": batch["batch"]})
    s.change("people", "people", [("person.added", {"type": "person", "id": LATE, "roles": "reviewer,supervisor"}, "late")])
    s.change("policy", "policy", [("policy.changed", {"type": "policy", "id": p.id_of("pol", "2"), "from": p.id_of("pol", "1"), "sha256": "ab" * 32, "approver_age_hours": 24}, "policy")])
    s.add(PRIVACY, "hold.placed", {"type": "hold", "id": p.id_of("hld", "1"), "recordings": [calls[4]]} | s.by(PRIVACY), "hold")
    s.change("lift", "lift", [("hold.lifted", {"type": "hold", "id": p.id_of("hld", "1")}, "lifted")], PRIVACY, ADMIN)
    s.change("key", "api_key", [new_key(s, principal=REVIEWER)], "op-17", ADMIN, command=True)
    s.change("link", "link", [new_link(s)], "op-17", ADMIN, command=True)
    s.change("siem", "service", [("service.added", {"type": "service", "id": p.id_of("svc", "siem"), "roles": "auditor", "owners": REVIEWER}, "siem")], "op-17", ADMIN, command=True)
    s.change("new key", "key", [new_tenant_key()], "op-17", ADMIN, command=True)
    s.change("given key", "key", [new_tenant_key("given-key", 3)], "op-17", ADMIN, command=True)
    s.change("retire", "key", [("key.retired", {"type": "key", "id": TENANT, "from": 1, "wrap": 3}, "retired")], "op-17", ADMIN, command=True)
    s.add("op-17", *new_tenant_key("material", 4, 3))
    erasing = {"type": "recording", "id": calls[4], "reason": "request"}
    s.change("erase", "erase", [("recording.erasing", erasing, "erasing five")], "op-17", ADMIN, command=True)
    s.add("n1", "recording.erased", {"type": "recording", "id": calls[4], "begun": 0, "database": "overwritten"}, "erased five")
    rule = "retention.changed", {"type": "retention", "id": p.id_of("ret", "1"), "sha256": "ef" * 32}, "rule"
    s.change("rule", "retention", [rule], PRIVACY, ADMIN)
    s.erase("six", TENANT, type="tenant", recordings=[calls[5]], cause=rule[1]["id"], kept_until=s.time(-HOUR), end=False)
    s.add("n1", "recording.erased", {"type": "tenant", "id": TENANT, "recordings": [calls[5]], "begun": 0, "database": "overwritten"})
    s.sign_in(LATE)
    s.passkey(LATE)
    s.add(ADMIN, "person.off", {"type": "person", "id": LATE}, "off")
    s.add("n1", "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[LATE], "principal": LATE, "reason": "person-off"})
    s.sealed = len(s.leaves)
    s.add("op-17", "signer.added", {"type": "log", "id": TENANT, "key": p.g.b64(public(SIGNERS[1]))}, "signer")
    s.rotated = len(s.leaves)
    s.recording("call 7")
    return s


# ---- Exports

def tree_head(hashes):
    """RFC 6962, 2.1; `hashes` are of leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else t.sha256()
    half = t.split(len(hashes))
    return t.sha256(b"\1", tree_head(hashes[:half]), tree_head(hashes[half:]))


def write_export(folder, leaves, checkpoints, log=LOG, head=None, tiles=True):
    """`checkpoints` is [(size, [seed of signer])]; `leaves` are bytes."""
    hashes = [t.sha256(b"\0", leaf) for leaf in leaves]
    notes = {size: note_of(hashes, size, seeds, log) for size, seeds in checkpoints}
    put = lambda path, data: (folder / path).parent.mkdir(parents=True, exist_ok=True) or (folder / path).write_bytes(data)
    for size, note in notes.items():
        put(f"checkpoints/{size}", note)
    put("checkpoint", notes[head or max(notes)])
    span, level = 1, 0
    for n in range(0, len(leaves), 256):
        put(t.tile_path("entries", n // 256, min(256, len(leaves) - n)), t.bundle(n // 256, min(256, len(leaves) - n), leaves))
    while tiles and len(leaves) // span:
        for n in range(0, len(leaves) // span, 256):
            width = min(256, len(leaves) // span - n)
            row = [tree_head(hashes[(n + i) * span:(n + i + 1) * span]) for i in range(width)]
            put(t.tile_path(str(level), n // 256, width), b"".join(row))
        span, level = span * 256, level + 1


def note_of(hashes, size, seeds, log=LOG):
    text = f"{log}\n{size}\n{t.b64(tree_head(hashes[:size]))}\n"
    return (text + "\n" + "".join(t.signer(log, seed)[1](text) for seed in seeds)).encode()


def raw(story):
    return [t.canonical(leaf) if isinstance(leaf, dict) else leaf for leaf in story.leaves]


def vkey(n, log=LOG):
    return t.signer(log, SIGNERS[n])[0]


# ---- Faults: each function gives a story that ends in the codes named, at the events named

FAULTS = {}


def fault(*codes):
    """Registers a story; `codes` are "code: name of the event"."""
    def register(function):
        FAULTS[function.__name__] = (function, codes)
        return function
    return register


def with_call(label="1", **request):
    s = beginning()
    call = s.recording("call 1")
    if request.pop("ask", True):
        s.request(label, call, **request)
    return s, call


def granted(window=True, **changed):
    s, call = with_call()
    s.prove(APPROVER, [s.approval("1", call, window=window, **changed)])
    return s, call


@fault("form: created call 1")
def form_not_canonical():
    s, _ = with_call(ask=False)
    at = s.named["created call 1"]["seq"]
    s.leaves[at] = json.dumps(s.leaves[at]).encode()
    s.leaves[at + 1:] = []
    return s


@fault("form: read")
def form_member_missing():
    s, call = with_call(ask=False)
    s.add(ADMIN, "grant.extended", {"type": "grant"} | s.by(ADMIN) | {"id": 7}, "read")
    return s


@fault("form: request 1")
def form_request_without_minutes():
    s, call = with_call(ask=False)
    s.request("1", call)
    del s.named["request 1"]["object"]["minutes"]
    return s


@fault("form: later")
def form_too_long():
    s = beginning()
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT, "x": "x" * 16_384}, "later")
    return s


@fault("place: later")
def place_another_log():
    s = beginning()
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT}, "later")["log"] = LOG[:-1] + "b"
    return s


@fault("place: later")
def place_an_event_is_gone():
    s = beginning()
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT})
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT}, "later")
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT})
    del s.leaves[-3]
    s.named["later"] = {"seq": len(s.leaves) - 2}
    return s


@fault("time: later")
def time_goes_back():
    s = beginning()
    s.wait(-10_000)
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT}, "later")
    return s


@fault("actor_unknown: later")
def actor_unknown():
    s = beginning()
    s.add(LATE, "people.read", {"type": "people", "id": TENANT}, "later")
    s.add(LATE, "people.read", {"type": "people", "id": TENANT})
    return s


@fault("actor_off: later")
def actor_off():
    s = beginning()
    s.add(ADMIN, "person.off", {"type": "person", "id": REVIEWER})
    s.wait(2 * MINUTE)
    s.add(REVIEWER, "catalogue.read", {"type": "catalogue", "id": TENANT}, "later")
    return s


@fault("actor_off: request 1")
def actor_off_at_once():
    s, call = with_call(ask=False)
    s.add(ADMIN, "person.off", {"type": "person", "id": REVIEWER})
    s.request("1", call)
    return s


@fault()
def good_upload_of_a_service_that_was_deactivated():
    s, call = with_call(ask=False)
    deposit = {"type": "deposit", "id": p.id_of("dep", "2"), "recording": call}
    s.add(PBX, "deposit.started", deposit | {"object": "transcript/en"})
    s.add(ADMIN, "person.off", {"type": "service", "id": PBX})
    s.wait(2 * MINUTE)
    s.add(PBX, "deposit.committing", deposit)
    s.add(PBX, "deposit.available", deposit | {"object": "transcript/en"})
    return s


@fault("credential: request 1")
def credential_of_another():
    s, call = with_call(ask=False)
    s.request("1", call, sign_in=s.sign_ins[LEAD])
    return s


@fault("credential: request 1")
def credential_ended():
    s, call = with_call(ask=False)
    s.add(REVIEWER, "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[REVIEWER], "principal": REVIEWER, "reason": "signed-out"})
    s.request("1", call)
    return s


@fault("credential: request 1")
def credential_expired():
    s, call = with_call(ask=False)
    s.wait(13 * HOUR)
    s.request("1", call)
    return s


@fault("credential: request 1")
def credential_not_named():
    s, call = with_call()
    del s.named["request 1"]["object"]["sign_in"]
    return s


@fault("credential: link of " + REVIEWER)
def credential_link_of_another():
    s = Story()
    s.add("op-17", "tenant.created", {"type": "tenant", "id": TENANT, "admin": ADMIN, "approver_1": APPROVER})
    s.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": 1, "url": URL})
    s.add("op-17", "person.added", {"type": "person", "id": REVIEWER, "roles": "reviewer"})
    s.sign_in(REVIEWER)
    s.leaves[-2]["object"]["principal"] = ADMIN
    return s


@fault("credential: stepped")
def credential_passkey_of_another():
    s = beginning()
    s.add(ADMIN, "sign_in.stepped_up", {"type": "sign_in", "id": s.sign_ins[ADMIN], "passkey": p.id_of("pky", LEAD)}, "stepped")
    return s


def further(person, label="2", key=None):
    """A passkey after the first one, as `prove` takes it."""
    return "passkey.added", {"type": "passkey", "id": p.id_of("pky", label), "principal": person, "key": p.g.b64(p.spki(key_of(key or label)))}, "later"


@fault("credential_proof: later")
def credential_proof_second_passkey():
    s = beginning()
    action, added, name = further(LEAD)
    s.add(LEAD, action, added | s.by(LEAD), name)
    return s


@fault("credential_proof: later")
def credential_proof_without_a_key():
    s, call = with_call()
    s.sign_in(APPROVER, "passkey")
    action, added, name = further(APPROVER)
    s.add(APPROVER, action, {member: added[member] for member in ("type", "id", "principal")} | s.by(APPROVER), name)
    return s


@fault("credential_proof: later")
def credential_proof_without_a_sign_in():
    s = beginning()
    s.add(LEAD, "passkey.added", {"type": "passkey", "id": p.id_of("pky", "2"), "principal": LEAD}, "later")
    return s


@fault("credential_proof: later")
def credential_proof_first_by_the_link_of_another():
    s = beginning()
    action, added, name = further(REVIEWER)
    s.add(REVIEWER, action, added | s.by(ADMIN), name)
    return s


@fault("credential_proof: later")
def credential_proof_over_another_key():
    s = beginning()
    s.prove(LEAD, [further(LEAD)], listed=[further(LEAD, key="3")])
    return s


@fault("credential_proof: later")
def credential_proof_by_another_key_than_the_passkeys():
    s = beginning()
    s.prove(LEAD, [further(LEAD)], key=key_of(APPROVER))
    return s


@fault("credential_proof: later")
def credential_proof_by_the_passkey_of_another():
    s = beginning()
    s.prove(LEAD, [further(LEAD)], passkey=APPROVER)
    return s


@fault("credential_proof: later")
def credential_proof_by_a_removed_passkey():
    s = beginning()
    s.add(LEAD, "passkey.removed", {"type": "passkey", "id": p.id_of("pky", LEAD), "principal": LEAD})
    s.prove(LEAD, [further(LEAD)])
    return s


@fault("credential_proof: again")
def credential_proof_used_twice():
    s = beginning()
    s.prove(LEAD, [further(LEAD)])
    action, added, _ = further(LEAD, "3")
    s.add(LEAD, action, added | {"proof": s.leaves[-1]["object"]["proof"]} | s.by(LEAD), "again")
    return s


@fault()
def good_further_passkey():
    """A passkey that the first one signed signs the next, and a decision."""
    s, call = with_call()
    s.prove(APPROVER, [further(APPROVER)])
    s.prove(APPROVER, [further(APPROVER, "3")], passkey="2")
    s.add(APPROVER, "passkey.removed", {"type": "passkey", "id": p.id_of("pky", APPROVER), "principal": APPROVER})
    s.prove(APPROVER, [s.approval("1", call)], passkey="3")
    return s


@fault()
def good_passkeys_replaced_after_loss():
    """An operator removes what was lost; the next first passkey is by link."""
    s, call = with_call()
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", APPROVER), "principal": APPROVER})
    made = new_link(s, "again", APPROVER)
    s.change("again", "link", [made], "op-17", ADMIN, command=True)
    s.sign_ins[APPROVER] = p.id_of("sgn", "again")
    s.add(APPROVER, "sign_in.opened", {"type": "sign_in", "id": s.sign_ins[APPROVER], "method": "link", "ends": s.time(12 * HOUR), "link": made[1]["id"]})
    action, added, name = further(APPROVER)
    s.add(APPROVER, action, added | s.by(APPROVER), name)
    s.prove(APPROVER, [s.approval("1", call)], passkey="2")
    return s


def replaced_in_an_old_sign_in(remover="op-17", wait=3 * HOUR, person=APPROVER):
    """Someone removes a passkey, and adds another in a sign-in by link from before."""
    s, call = with_call()
    s.wait(wait)
    s.add(remover, "passkey.removed", {"type": "passkey", "id": p.id_of("pky", person), "principal": person}, "removed")
    action, added, name = further(person)
    s.add(person, action, added | s.by(person), name)
    s.prove(person, [s.approval("1", call)], passkey="2")
    s.listen("1", call)
    return s


FAULTS["credential_proof_in_an_old_sign_in"] = (lambda: replaced_in_an_old_sign_in(), ["credential_proof: later"])
FAULTS["credential_proof_in_a_sign_in_from_before_the_removal"] = (lambda: replaced_in_an_old_sign_in(wait=0), ["credential_proof: later"])
FAULTS["credential_proof_in_an_old_sign_in_of_the_owner"] = (lambda: replaced_in_an_old_sign_in(APPROVER), ["credential_proof: later"])
FAULTS["good_passkey_replaced_by_its_owner"] = (lambda: replaced_in_an_old_sign_in(APPROVER, wait=20 * MINUTE), [])
FAULTS["credential_of_a_removal_by_the_process"] = (lambda: replaced_in_an_old_sign_in("n1"), ["credential: removed", "credential_proof: later"])
FAULTS["credential_of_a_removal_by_another_person"] = (lambda: replaced_in_an_old_sign_in(ADMIN), ["credential: removed", "credential_proof: later"])


@fault("credential: removed")
def credential_of_a_removal_that_names_another():
    s = beginning()
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", APPROVER), "principal": LEAD}, "removed")
    return s


def first_passkey(wait):
    s = beginning()
    s.sign_in(REVIEWER)
    s.wait(wait)
    s.passkey(REVIEWER, "later")
    return s


FAULTS["good_first_passkey_within_a_minute_of_its_end"] = (lambda: first_passkey(30 * MINUTE + 50_000), [])
FAULTS["credential_proof_of_a_late_first_passkey"] = (lambda: first_passkey(32 * MINUTE), ["credential_proof: later"])


def linked_after_a_removal(wait=0):
    """As one command writes it where `wait` is none: the link, and what is removed."""
    s = beginning()
    action, made, name = new_link(s, "1", APPROVER)
    s.add("op-17", action, made, name)
    s.wait(wait - 1000)
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", APPROVER), "principal": APPROVER})
    s.sign_ins[APPROVER] = p.id_of("sgn", "again")
    s.add(APPROVER, "sign_in.opened", {"type": "sign_in", "id": s.sign_ins[APPROVER], "method": "link", "ends": s.time(HOUR), "link": made["id"]}, "again")
    return s


FAULTS["good_link_that_removes_passkeys"] = (lambda: linked_after_a_removal(), [])
FAULTS["credential_link_from_before_a_removal"] = (lambda: linked_after_a_removal(MINUTE), ["credential: again"])


@fault("approval_proof: approved 1")
def approval_proof_by_a_link_from_before_a_removal():
    """Without a passkey, someone named with the tenant may decide after a new link, and not after an older one."""
    s, call = with_call()
    s.sign_in(LEAD)
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", LEAD), "principal": LEAD})
    action, object, name = s.approval("1", call)
    s.add(LEAD, action, object | s.by(LEAD), name)
    return s


@fault()
def good_approval_by_the_link_after_a_removal():
    s, call = with_call()
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", LEAD), "principal": LEAD})
    s.sign_in(LEAD)
    action, object, name = s.approval("1", call)
    s.add(LEAD, action, object | s.by(LEAD), name)
    return s


@fault()
def good_further_passkey_from_before_checkpoints():
    """Older events show no key and no proof: the first proof by the passkey shows its key."""
    s = beginning(adopt=False)
    s.sign_in(APPROVER, "passkey")
    s.add(APPROVER, "passkey.added", {"type": "passkey", "id": p.id_of("pky", "2"), "principal": APPROVER} | s.by(APPROVER))
    s.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": len(s.leaves), "url": URL})
    call = s.recording("call")
    s.request("1", call)
    s.prove(APPROVER, [s.approval("1", call)], passkey="2")
    return s


@fault("request_unknown: approved 1")
def request_unknown():
    s, call = with_call(ask=False)
    s.prove(APPROVER, [s.approval("1", call)])
    return s


@fault("recording_unknown: request 1")
def recording_unknown():
    s = beginning()
    s.request("1", p.id_of("rec", "none"))
    return s


@fault("deposit_unknown: later")
def deposit_unknown():
    s, call = with_call(ask=False)
    s.add(PBX, "deposit.available", {"type": "deposit", "id": p.id_of("dep", "none"), "recording": call, "object": "audio"}, "later")
    return s


@fault("repeated: request 1")
def repeated_request():
    s, call = with_call()
    s.request("1", call)
    return s


@fault("repeated: created call 1")
def repeated_recording():
    s, call = with_call(ask=False)
    s.add(PBX, "recording.created", {"type": "recording", "id": call}, "created call 1")
    return s


@fault("approval_own: approved 1")
def approval_own():
    s, call = with_call(who=LEAD)
    s.prove(LEAD, [s.approval("1", call, who=LEAD)])
    return s


@fault("approval_own: approved 1")
def approval_own_service():
    s, call = with_call(who=PBX)
    s.prove(ADMIN, [s.approval("1", call, who=PBX)])
    return s


@fault("approval_own: assigned 1")
def approval_own_assigned():
    s, call = with_call(ask=False)
    s.prove(LEAD, [assign(s, "1", call, LEAD)])
    return s


@fault("approval_role: approved 1")
def approval_role():
    s, call = with_call()
    s.prove(PRIVACY, [s.approval("1", call)])
    return s


@fault("credential: approved 1", "approval_role: approved 1")
def approval_role_of_a_process():
    s, call = with_call()
    action, object, name = s.approval("1", call)
    s.add("n1", action, object, name)
    return s


@fault("approval_role: approved 1", "change_signature: approved 1")
def change_signature_by_command():
    s, _ = with_call(ask=False)
    s.sign_ins["op-18"] = p.id_of("sgn", "none")
    s.change("1", "people", [late()], approver="op-18", signed=False)
    return s


@fault("approval_age: approved 1")
def approval_age():
    s, call = with_call()
    s.change("policy", "policy", [("policy.changed", {"type": "policy", "id": p.id_of("pol", "2"), "from": p.id_of("pol", "1"), "sha256": "ab" * 32, "approver_age_hours": 24}, None)])
    s.change("people", "people", [("person.added", {"type": "person", "id": LATE, "roles": "supervisor"}, None)])
    s.sign_in(LATE)
    s.passkey(LATE)
    s.wait(HOUR)
    s.prove(LATE, [s.approval("1", call)])
    return s


@fault("approval_closed: approved 1")
def approval_closed():
    s, call = with_call()
    s.add(REVIEWER, "access.cancelled", {"type": "request", "id": p.id_of("req", "1"), "recording": call} | s.by(REVIEWER))
    s.prove(APPROVER, [s.approval("1", call)])
    return s


@fault("approval_wider: approved 1")
def approval_wider_minutes():
    return granted(minutes=21)[0]


@fault("approval_wider: approved 1")
def approval_wider_objects():
    return granted(objects="audio,transcript,screen")[0]


@fault("approvals_missing: approved 1")
def approvals_missing():
    s, call = with_call(approvals=2)
    s.prove(APPROVER, [s.approval("1", call)])
    return s


@fault("approval_proof: approved 1")
def approval_proof_another_key():
    s, call = with_call()
    s.prove(APPROVER, [s.approval("1", call)], key=key_of("another"))
    return s


@fault("approval_proof: approved 1")
def approval_proof_more_minutes():
    s, call = with_call()
    s.prove(APPROVER, [s.approval("1", call)], listed=[s.approval("1", call, minutes=5)])
    return s


@fault("approval_proof: assigned b")
def approval_proof_that_replaces_another():
    s = beginning()
    calls = [s.recording(f"call {n}") for n in (1, 2)]
    s.prove(LEAD, [assign(s, "a", calls[0])])
    s.prove(LEAD, [assign(s, "b", calls[1], instead_of=p.id_of("grt", "a"))], listed=[assign(s, "b", calls[1])])
    return s


@fault("approval_proof: approved 1")
def approval_proof_of_an_excluded_extension():
    s, call = with_call()
    s.prove(APPROVER, [s.approval("1", call)], listed=[s.approval("1", call, extension="none")])
    return s


@fault("approval_proof: approved 2")
def approval_proof_of_version_1_after_version_2():
    s, call = with_call()
    s.request("2", call)
    s.prove(APPROVER, [s.approval("1", call)])
    s.prove(APPROVER, [s.approval("2", call)], version=1)
    return s


@fault("approval_wider: approved 1")
def approval_wider_by_an_extension():
    return granted(extension="none")[0]


@fault("approval_wider: second")
def approval_wider_by_an_extension_that_the_first_approver_excluded():
    s, call = with_call(approvals=2)
    s.prove(APPROVER, [s.approval("1", call, grant=False, extension="none")])
    s.prove(LEAD, [(*s.approval("1", call)[:2], "second")])
    return s


@fault("approval_proof: approved 1")
def approval_proof_missing():
    s, call = with_call()
    action, object, name = s.approval("1", call)
    s.add(APPROVER, action, object | s.by(APPROVER), name)
    return s


@fault("session_unapproved: opened 1 1")
def session_unapproved():
    s, call = with_call()
    s.listen("1", call)
    return s


@fault("session_unapproved: opened 1 1")
def session_by_a_change_of_another_kind():
    s, call = with_call(ask=False)
    change = s.change("1", "people", [late()])
    s.listen("1", call, {"change": change})
    return s


def copied(approve=True, end="change.applied", who=PRIVACY, purpose="subject-request", change=None):
    """An answer to a person, and a session for a copy on it."""
    s, call = with_call(ask=False)
    request = p.id_of("sub", "1")
    doing = "subject.doing", {"type": "subject", "id": request}, "doing"
    made = s.change("1", "answer", [doing], PRIVACY, ADMIN, doer="n1", approve=approve, end=end)
    copy(s, "1", call, change or made, who, purpose)
    return s


def copy(s, label, recording, change, who=PRIVACY, purpose="subject-request", ends=HOUR):
    session = {"type": "session", "id": p.id_of("ses", f"{label} 1"), "change": change, "recording": recording}
    opened = {"purpose": purpose, "policy": p.id_of("pol", "1"), "ends": s.time(ends)}
    s.add(who, "session.opened", session | opened | s.by(who), f"opened {label} 1")
    s.wait(MINUTE)
    counted = {"reason": "closed", "ranges": 4, "bytes": 480_000, "heard_ms": 30_000 if ends < HOUR else 600_000, "seconds": 60}
    s.add(who, "session.ended", session | counted, f"ended {label} 1")


@fault()
def good_copy_for_a_person():
    return copied()


@fault("session_unapproved: opened 1 1")
def session_of_an_answer_that_was_not_approved():
    return copied(approve=False)


@fault("session_unapproved: opened 1 1")
def session_of_an_answer_by_another_role():
    return copied(who=REVIEWER)


@fault("session_unapproved: opened 1 1")
def session_of_an_answer_for_another_purpose():
    return copied(purpose="legal")


@fault("session_unapproved: opened 1 1")
def session_of_an_answer_that_nobody_proposed():
    return copied(change=p.id_of("chg", "none"))


def bounded(*sessions, before=(), hours=48, downloads=2, approver=ADMIN, officer=PRIVACY, lines=None):
    """An answer whose copies two people approved for an officer, what comes `before` the last session, and sessions for copies: each
    changes one that is good (`wait`, `who`, `call`, `ends`, `change`)."""
    s = beginning()
    s.add("op-17", "person.added", {"type": "person", "id": OFFICER, "roles": "privacy"}, "officer")
    call, other, request = s.recording("call 1"), s.recording("call 2"), p.id_of("sub", "1")
    if OFFICER not in (officer, approver): s.sign_in(OFFICER)
    if OFFICER == approver:
        s.sign_in(OFFICER)
        s.passkey(OFFICER)
    copies = {"type": "subject", "id": request, "recordings": [call], "officer": officer, "hours": hours, "downloads": downloads}
    done = [("subject.doing", {"type": "subject", "id": request}, "doing"), ("subject.copies", copies, "copies")]
    said = lines or [f"subject.doing {request} -", f"subject.copies {call} {officer},{hours},{downloads}"]
    change = s.change("1", "answer", done, PRIVACY, approver, doer="n1", lines=said)
    for n, each in enumerate(sessions, 1):
        for event in before if n == len(sessions) else (): event(s, call, request, change)
        s.wait(each.get("wait", 0))
        copy(s, str(n), other if each.get("call") == 2 else call, each.get("change", change), each.get("who", PRIVACY), ends=each.get("ends", HOUR))
    return s


OFFICER = p.id_of("usr", "officer")


def ends_copies(action, about="subject", of=PRIVACY, **more):
    """What ends them: about the request, or the recording."""
    def add(s, call, request, change):
        object = {"type": about, "id": request if about == "subject" else call} | {name: change if value == "change" else value for name, value in more.items()}
        s.add(of, action, object | ({} if of == "n1" else s.by(of)), "ends copies")
    return add


def withdraws(s, call, request, change):
    withdrawal = p.id_of("wdr", "1")
    s.add(PRIVACY, "consent.withdrawn", {"type": "withdrawal", "id": withdrawal, "at": s.time(), "subject": TENANT, "n": 1, "entry": "ab" * 32} | s.by(PRIVACY), "withdrawn")
    s.add("n1", "recording.amended", {"type": "recording", "id": call, "set": "basis", "withdrawal": withdrawal, "subject": call, "n": 2, "entry": "ab" * 32}, "reached")


def decides_again(s, call, request, change):
    copies = {"type": "subject", "id": request, "recordings": [call], "officer": OFFICER, "hours": 1, "downloads": 1}
    lines = [f"subject.doing {request} -", f"subject.copies {call} {OFFICER},1,1"]
    s.change("2", "answer", [("subject.doing", {"type": "subject", "id": request}, "doing 2"), ("subject.copies", copies, "copies 2")], PRIVACY, ADMIN, doer="n1", lines=lines)


def answers_before(s, call, request, change):
    """An answer of a version before, which says nothing of copies."""
    s.change("old", "answer", [("subject.doing", {"type": "subject", "id": p.id_of("sub", "old")}, "doing old")], PRIVACY, ADMIN, doer="n1")


FAULTS |= {
    "good_copies_for_a_person": (lambda: bounded({}, {}), []),
    "session_person_of_copies": (lambda: bounded({"who": OFFICER}), ["session_person: opened 1 1"]),
    "session_recording_of_copies": (lambda: bounded({"call": 2}), ["session_recording: opened 1 1"]),
    "session_late_of_copies": (lambda: bounded({"wait": 2 * HOUR, "ends": 0}, hours=1), ["session_late: opened 1 1"]),
    "session_late_of_copies_that_end_later": (lambda: bounded({"ends": 3 * HOUR}, hours=1), ["session_late: opened 1 1"]),
    "session_late_of_copies_for_more_than_three_days": (lambda: bounded({"ends": 80 * HOUR}, hours=100), ["session_late: opened 1 1"]),
    "session_uses_of_copies": (lambda: bounded({}, {}, {}), ["session_uses: opened 3 1"]),
    "session_revoked_of_copies_after_the_answer": (lambda: bounded({}, before=[ends_copies("subject.answered")]), ["session_revoked: opened 1 1"]),
    "session_revoked_of_copies_that_were_ended": (lambda: bounded({}, before=[ends_copies("subject.copies_ended", proposal="change", why="revoked")]), ["session_revoked: opened 1 1"]),
    "session_revoked_of_copies_of_a_restricted_call": (lambda: bounded({}, before=[ends_copies("recording.restricted", "recording", ground="claims")]), ["session_revoked: opened 1 1"]),
    "session_revoked_of_copies_after_a_withdrawal": (lambda: bounded({}, before=[withdraws]), ["session_revoked: opened 1 1"]),
    "session_revoked_of_copies_that_were_decided_again": (lambda: bounded({}, before=[decides_again]), ["session_revoked: opened 1 1"]),
    "session_unapproved_of_an_answer_without_copies": (lambda: bounded({"change": p.id_of("chg", "old")}, before=[answers_before]), ["session_unapproved: opened 1 1"]),
    "change_differs_of_copies_for_another_officer": (lambda: bounded(officer=OFFICER, lines=["subject.doing x -", f"subject.copies x {PRIVACY},48,2"]), ["change_differs: applied 1"]),
    "change_same_person_of_copies_for_the_approver": (lambda: bounded(approver=OFFICER, officer=OFFICER), ["change_same_person: copies"]),
}


def answered(outcome, later=(), lines=None, end="change.applied", set="asked", wait=0):
    """An answer to a person about one call, and what is done to it: `erase`, `ask` or `stay`; `later` comes after it."""
    s, call = with_call(ask=False)
    other = s.recording("call 2")
    request = p.id_of("sub", "1")
    acts = {
        "erase": ("recording.erasing", {"type": "tenant", "id": TENANT, "recordings": [call], "reason": "request", "cause": request}, "act"),
        "ask": ("recording.amended", {"type": "recording", "id": call, "set": set}, "act"),
        "stay": ("subject.stayed", {"type": "subject", "id": request, "recordings": [call], "instead": "recording.erasing"}, "act"),
        "tell": None,
    }
    doing = "subject.doing", {"type": "subject", "id": request}, "doing"
    done = [doing, *([acts[outcome]] if acts[outcome] else [])]
    said = None if lines is None else [line.format(call=call, other=other, request=request) for line in lines]
    s.change("1", "answer", done, PRIVACY, ADMIN, doer="n1", lines=said, end=end, wait=wait)
    for each in later:
        erasing = {"type": "tenant", "id": TENANT, "recordings": [call if each.get("call") == 1 else other], "reason": "request", "cause": request}
        s.add("n1", "recording.erasing", erasing | ({"change": p.id_of("chg", each["change"])} if "change" in each else {}), "later")
    return s


DOING, ERASING, AMENDED = "subject.doing {request} -", "recording.erasing {call} -", "recording.amended {call} -"
FAULTS |= {
    "good_answer_that_erases": (lambda: answered("erase", lines=[DOING, ERASING]), []),
    "good_answer_that_restricts": (lambda: answered("ask"), []),
    "good_answer_of_which_a_call_stays": (lambda: answered("stay", lines=[DOING, ERASING]), []),
    "good_erasure_of_what_was_asked_for_once_nothing_keeps_it": (lambda: answered("ask", [{"call": 1}]), []),
    "answer_erases_another_call": (lambda: answered("erase", lines=[DOING, "recording.erasing {other} -"]), ["change_differs: applied 1"]),
    "answer_does_less": (lambda: answered("tell", lines=[DOING, ERASING]), ["change_differs: applied 1"]),
    "answer_says_that_it_stays_what_no_one_decided": (lambda: answered("stay", lines=[DOING]), ["change_differs: applied 1"]),
    "answer_that_began_and_expires": (lambda: answered("erase", lines=[DOING, ERASING], end="change.expired"), ["change_differs: applied 1"]),
    "answer_that_erases_late": (lambda: answered("erase", lines=[DOING, ERASING], wait=25 * HOUR), ["change_missing: act"]),
    "good_answer_of_which_a_call_stays_as_it_is_late": (lambda: answered("stay", lines=[DOING, ERASING], wait=25 * HOUR), []),
    "answer_restricts_instead": (lambda: answered("ask", lines=[DOING, ERASING]), ["change_differs: applied 1"]),
    "erase_reason_by_an_answer_that_was_for_another_call": (lambda: answered("tell", [{}]), ["erase_reason: later"]),
    "erase_reason_of_another_call_than_asked_for": (lambda: answered("ask", [{}]), ["erase_reason: later"]),
    "erase_reason_of_what_the_answer_only_restricts": (lambda: answered("ask", [{"call": 1}], set="restricted"), ["erase_reason: later"]),
    "erase_reason_by_an_answer_that_ended": (lambda: answered("tell", [{"change": "1"}]), ["change_differs: later"]),
}


def unasked(action, object):
    """What an answer does, by no one's decision."""
    s, call = with_call(ask=False)
    s.add("n1", action, {name: call if value == "call" else [call] if value == ["call"] else value for name, value in object.items()}, "act")
    return s


FAULTS |= {
    "erase_reason_by_a_request_that_was_not_decided": (lambda: unasked("recording.erasing", {"type": "tenant", "id": TENANT, "recordings": ["call"], "reason": "request", "cause": p.id_of("sub", "1")}), ["erase_reason: act"]),
    "change_missing_of_what_was_asked_for": (lambda: unasked("recording.amended", {"type": "recording", "id": "call", "set": "asked"}), ["change_missing: act"]),
    "change_missing_of_what_was_restricted": (lambda: unasked("recording.amended", {"type": "recording", "id": "call", "set": "language,restricted"}), ["change_missing: act"]),
    "change_missing_of_what_stayed": (lambda: unasked("subject.stayed", {"type": "subject", "id": p.id_of("sub", "1"), "recordings": ["call"], "instead": "recording.erasing"}), ["change_missing: act"]),
}


@fault("change_missing: lifted")
def change_missing_lifted():
    s, call = with_call(ask=False)
    s.add(PRIVACY, "hold.placed", {"type": "hold", "id": p.id_of("hld", "1"), "recordings": [call]} | s.by(PRIVACY))
    s.add(PRIVACY, "hold.lifted", {"type": "hold", "id": p.id_of("hld", "1")} | s.by(PRIVACY), "lifted")
    return s


@fault("session_unapproved: opened 1 1")
def session_of_another_request():
    s, call = granted()
    s.listen("1", call, {"request": p.id_of("req", "none")})
    return s


@fault("session_person: opened 1 1")
def session_person():
    s, call = granted()
    s.listen("1", call, who=LEAD)
    return s


@fault("session_recording: opened 1 1")
def session_recording():
    s, _ = granted()
    s.listen("1", s.recording("call 2"))
    return s


@fault("session_late: opened 1 1")
def session_late_window():
    s, call = granted()
    s.wait(9 * HOUR)
    s.listen("1", call)
    return s


@fault("session_late: opened 1 1")
def session_late_end():
    s, call = granted()
    s.listen("1", call, minutes=16)
    return s


@fault("session_late: opened 1 1")
def session_late_clock_of_the_approval():
    s, call = granted(window=False)
    s.wait(16 * MINUTE)
    s.listen("1", call)
    return s


@fault("session_late: opened 1 2")
def session_late_second():
    s, call = granted()
    s.listen("1", call)
    s.listen("1", call, n=2)
    return s


@fault("session_revoked: opened 1 1")
def session_revoked():
    s, call = granted()
    s.add(APPROVER, "grant.revoked", {"type": "grant", "id": p.id_of("grt", "1"), "recording": call, "request": p.id_of("req", "1")} | s.by(APPROVER))
    s.listen("1", call)
    return s


@fault("session_uses: opened 1 101")
def session_uses():
    s, call = granted()
    ends = s.time(15 * MINUTE)
    for n in range(1, 102):
        s.listen("1", call, n=n, wait=0, ends=ends)
    return s


@fault("session_uses: opened 1 2")
def session_uses_as_approved():
    s, call = granted(uses=1)
    ends = s.time(15 * MINUTE)
    for n in (1, 2):
        s.listen("1", call, n=n, wait=0, ends=ends)
    return s


@fault("session_overrun: ended 1 1")
def session_overrun():
    """More than four times the minutes of the session."""
    return ended_after(26 * MINUTE, heard_ms=70 * MINUTE)


def ended_after(wait, **changed):
    s, call = granted()
    s.listen("1", call, wait=wait, end=False)
    s.end("1", call, **changed)
    return s


FAULTS["session_overrun_by_the_process"] = (lambda: ended_after(3 * HOUR, who="n1", reason="expired", heard_ms=70 * MINUTE), ["session_overrun: ended 1 1"])
FAULTS["good_end_after_the_worker_was_down"] = (lambda: ended_after(3 * HOUR, who="n1", reason="expired"), [])
FAULTS["good_late_end_by_its_person"] = (lambda: ended_after(3 * HOUR), [])
FAULTS["good_late_end_without_a_measure"] = (lambda: unmeasured(), [])


def unmeasured():
    s = ended_after(3 * HOUR)
    del s.named["ended 1 1"]["object"]["heard_ms"]
    return s


def unended(*waits, last=11 * MINUTE):
    """A session without an end, and ends that the process gave other requests, each after a time."""
    s, call = with_call()
    for n in range(len(waits)):
        s.request(f"other {n}", call)
    s.prove(APPROVER, [s.approval("1", call)])
    s.listen("1", call, wait=0, end=False)
    for n, wait in enumerate(waits):
        s.wait(wait)
        s.add("n1", "access.expired", {"type": "request", "id": p.id_of("req", f"other {n}"), "recording": call})
    s.wait(last)
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT})
    return s


FAULTS["good_open_while_the_worker_is_down"] = (lambda: unended(10 * MINUTE, last=HOUR), [])
FAULTS["good_open_while_the_worker_comes_back"] = (lambda: unended(HOUR, last=MINUTE), [])


@fault("session_unended: opened 1 1")
def session_unended():
    return unended(26 * MINUTE)


@fault()
def good_session_lost_with_its_database():
    s, call = granted()
    first = len(s.leaves)
    s.listen("1", call, end=False)
    s.add("op-1", "log.restored", {"type": "log", "id": TENANT, "from": first, "to": len(s.leaves) - 1})
    s.wait(60 * MINUTE)
    s.add(ADMIN, "people.read", {"type": "people", "id": TENANT})
    return s


@fault("session_unopened: ended 1 1")
def session_unopened():
    s, call = granted()
    s.end("1", call)
    return s


def extended(expires=10 * MINUTE, who=REVIEWER, listen=True, wait=0, **changed):
    s, call = granted(**changed)
    end = s.time(15 * MINUTE)
    if listen:
        s.listen("1", call, minutes=15)
    s.wait(wait)
    s.extend("1", call, p.time_of(p.ms(end) + expires), who)
    return s, call, p.time_of(p.ms(end) + 2 * expires)


@fault("extension_unapproved: extended 1")
def extension_unapproved():
    return extended(extend_minutes=0)[0]


@fault("extension_person: extended 1")
def extension_person():
    return extended(who=LEAD)[0]


@fault("extension_repeated: extended 1")
def extension_repeated():
    s, call, end = extended()
    s.extend("1", call, end)
    return s


@fault("extension_early: extended 1")
def extension_early():
    return extended(listen=False)[0]


@fault("extension_late: extended 1")
def extension_late():
    return extended(wait=HOUR)[0]


@fault("extension_end: extended 1")
def extension_end():
    return extended(expires=11 * MINUTE)[0]


def finished(action="grant.done", who=REVIEWER, listen=True, wait=0, label="1", twice=False):
    s, call = with_call(ask=False)
    s.prove(LEAD, [assign(s, "1", call, opens_until=s.time(HOUR))])
    if listen:
        assigned_listen(s, "1", call)
    s.wait(wait)
    for _ in range(1 + twice):
        object = {"type": "grant", "id": p.id_of("grt", label), "recording": call, "batch": p.id_of("bat", "1")}
        s.add(who, action, object | s.by(who), "finished")
    return s


FAULTS["finish_unassigned"] = (lambda: finished(label="none"), ["finish_unassigned: finished"])
FAULTS["finish_person"] = (lambda: finished(who=LEAD), ["finish_person: finished"])
FAULTS["finish_unheard"] = (lambda: finished(listen=False), ["finish_unheard: finished"])
FAULTS["finish_closed"] = (lambda: finished(twice=True), ["finish_closed: finished"])
FAULTS["finish_late"] = (lambda: finished(wait=2 * HOUR), ["finish_late: finished"])


@fault("erase_reason: erasing 1")
def erase_reason():
    s, call = with_call(ask=False)
    s.erase("1", call, cause=p.id_of("chg", "none"))
    return s


@fault("erase_held: erasing 1")
def erase_held():
    s, call = with_call(ask=False)
    s.add(PRIVACY, "hold.placed", {"type": "hold", "id": p.id_of("hld", "1"), "recordings": []} | s.by(PRIVACY))
    s.add("n1", "hold.covered", {"type": "hold", "id": p.id_of("hld", "1"), "recordings": [call]})
    s.erase("1", call)
    return s


def replayed_cover(known, lift=False):
    """A restored database lacked a hold: `known`, whether its log has the event of the cover."""
    s, call = with_call(ask=False)
    hold = {"type": "hold", "id": p.id_of("hld", "1")}
    s.add("op-17", "log.restored", {"type": "log", "id": TENANT, "from": len(s.leaves), "to": len(s.leaves) - 1})
    covered = p.id_of("evt", "lost")
    if known: covered = s.add("n1", "hold.covered", hold | {"recordings": [call]})["id"]
    if lift: s.change("lift", "lift", [("hold.lifted", hold, "lifted")], PRIVACY, ADMIN)
    s.add("n1", "amendment.replayed", hold | {"event": covered, "recordings": [call]})
    s.erase("1", call)
    return s


FAULTS["erase_held_by_a_cover_that_the_log_lost"] = (lambda: replayed_cover(False), ["erase_held: erasing 1"])
FAULTS["erase_held_by_a_cover_that_came_back"] = (lambda: replayed_cover(True), ["erase_held: erasing 1"])
FAULTS["good_replayed_cover_that_was_lifted"] = (lambda: replayed_cover(True, lift=True), [])


def aged(*since):
    """Erasures by a rule, each of a call of its own; `since`: for how long the clock of each was judged, or nothing."""
    s, call = with_call(ask=False)
    rule = "retention.changed", {"type": "retention", "id": p.id_of("ret", "1"), "sha256": "ef" * 32}, "rule"
    s.change("rule", "retention", [rule], PRIVACY, ADMIN)
    for n, judged in enumerate(since):
        one = call if n == 0 else s.recording(f"call {n + 1}")
        more = {} if judged is None else {"clock_since": s.time(-judged)}
        s.erase(str(n + 1), one, cause=rule[1]["id"], **({"reason": "retention"} | more))
    return s


FAULTS["good_erasures_before_events_said_since_when_a_clock_was_judged"] = (lambda: aged(None, 10 * MINUTE), [])
FAULTS["age_untrusted_without_a_time"] = (lambda: aged(HOUR, None), ["age_untrusted: erasing 2"])
FAULTS["age_untrusted_after_nine_minutes"] = (lambda: aged(9 * MINUTE), ["age_untrusted: erasing 1"])
FAULTS["age_untrusted_since_a_later_time"] = (lambda: aged(-MINUTE), ["age_untrusted: erasing 1"])


def back(s, milliseconds, name="corrected", mark=None, **changed):
    """The clock of a log is put right: time goes back."""
    before = p.time_of(s.at)
    s.wait(-milliseconds)
    object = {"type": "log", "id": s.log.split("/")[1], "from": before, "to": s.time()}
    s.add("op-17", "clock.corrected", object | (mark or {}) | changed, name)
    return before


@fault("time: back")
def time_another_event_goes_back():
    s, call = with_call(ask=False)
    s.wait(-2 * HOUR)
    s.add(REVIEWER, "catalogue.read", {"type": "catalogue", "id": TENANT}, "back")
    return s


@fault("time: corrected")
def time_of_another_log():
    s, call = with_call(ask=False)
    back(s, 2 * HOUR, id="deployment")
    return s


def wrong_time(after=lambda s: None):
    """A grant and a session of a wrong time, which end with it."""
    s, call = with_call(ask=False)
    s.wait(HOUR)
    right = s.at
    s.wait(9 * HOUR)
    s.request("1", call)
    s.prove(APPROVER, [s.approval("1", call, window=False)])
    s.listen("1", call, end=False, minutes=10, wait=0)
    back(s, s.at - right)
    s.add("op-17", "session.ended", {"type": "session", "id": p.id_of("ses", "1 1"), "grant": p.id_of("grt", "1"), "request": p.id_of("req", "1"), "recording": call, "reason": "revoked", "ranges": 1, "bytes": 10, "heard_ms": 100, "seconds": 0}, "ended")
    s.add("op-17", "grant.revoked", {"type": "grant", "id": p.id_of("grt", "1"), "recording": call, "request": p.id_of("req", "1")}, "revoked")
    after(s)
    return s


def off_in_a_wrong_time(s):
    """Someone who was deactivated in the wrong time goes on in the right one."""
    s.wait(HOUR)
    s.add(LEAD, "catalogue.read", {"type": "catalogue", "id": TENANT}, "read")


def wrong_deactivation():
    s, call = with_call(ask=False)
    s.wait(240 * HOUR)
    s.add("op-17", "person.off", {"type": "person", "id": LEAD}, "off")
    back(s, 240 * HOUR)
    off_in_a_wrong_time(s)
    return s


FAULTS["good_ends_before_they_began"] = (wrong_time, [])
FAULTS["actor_off_since_a_wrong_time"] = (wrong_deactivation, ["actor_off: read"])


@fault("erase_early: erasing 1")
def erase_early():
    s, call = with_call(ask=False)
    s.erase("1", call, kept_until=s.time(HOUR))
    return s


@fault("erase_end: erased 1")
def erase_end():
    s, call = with_call(ask=False)
    s.add("n1", "recording.erased", {"type": "recording", "id": call, "begun": 0, "database": "overwritten"}, "erased 1")
    return s


@fault("repeated: erasing 1")
def erased_twice():
    s, call = with_call(ask=False)
    s.erase("1", call)
    s.erase("1", call)
    return s


def erased_again(begin=False, restore=False, adopt=True):
    """The process repeats an erasure by the tombstone in the store."""
    s = beginning(adopt)
    call = s.recording("call 1")
    if begin:
        s.erase("1", call)
    if restore:
        s.add("op-1", "log.restored", {"type": "log", "id": TENANT, "from": len(s.leaves) - 2, "to": len(s.leaves) - 1})
    s.add("n1", "tombstone.replayed", {"type": "recording", "id": call, "event": p.id_of("evt", "none")}, "again")
    s.add("n1", "recording.erased", {"type": "recording", "id": call, "begun": 0, "database": "overwritten"})
    return s


FAULTS["erase_reason_of_an_erasure_that_never_was"] = (lambda: erased_again(), ["erase_reason: again"])
FAULTS["good_erasure_repeated"] = (lambda: erased_again(begin=True), [])
FAULTS["good_erasure_repeated_after_a_restore"] = (lambda: erased_again(restore=True), [])
FAULTS["good_erasure_repeated_before_checkpoints"] = (lambda: erased_again(adopt=False), [])


@fault("after_erase: opened 1 1")
def after_erase():
    s, call = granted()
    s.erase("1", call)
    s.listen("1", call)
    return s


@fault("after_erase: later")
def after_erase_of_a_read():
    s, call = with_call(ask=False)
    s.erase("1", call)
    read = {"type": "recording", "id": call} | s.by(REVIEWER)
    s.add(REVIEWER, "recording.read", read)
    s.wait(2 * MINUTE)
    s.add(REVIEWER, "recording.read", read, "later")
    return s


@fault("after_erase: committing")
def after_erase_of_an_upload():
    s, call = with_call(ask=False)
    deposit = {"type": "deposit", "id": p.id_of("dep", "2"), "recording": call}
    s.add(PBX, "deposit.started", deposit | {"object": "transcript/en"})
    s.erase("1", call)
    s.add(PBX, "deposit.committing", deposit, "committing")
    return s


@fault()
def good_erasing_ends_uploads():
    s, call = with_call(ask=False)
    for label in ("2", "3"):
        s.add(PBX, "deposit.started", {"type": "deposit", "id": p.id_of("dep", label), "recording": call, "object": "transcript/" + label})
    s.erase("1", call)
    s.add("n1", "deposit.aborted", {"type": "deposit", "id": p.id_of("dep", "3"), "recording": call})
    return s


@fault()
def good_count_of_someone_who_left():
    s = beginning()
    read = {"type": "catalogue", "id": TENANT}
    s.add(REVIEWER, "catalogue.read", read)
    begun = s.time(-MINUTE)
    s.add(ADMIN, "person.off", {"type": "person", "id": REVIEWER})
    s.add(REVIEWER, "catalogue.read", read | {"window": begun, "counted": 3})
    return s


def late():
    return "person.added", {"type": "person", "id": LATE, "roles": "reviewer"}, "late"


@fault("change_missing: late")
def change_missing_unknown():
    s, _ = with_call(ask=False)
    action, object, name = late()
    s.add(ADMIN, action, object | {"change": p.id_of("chg", "none")}, name)
    return s


@fault("change_missing: late")
def change_missing_by_command():
    s, _ = with_call(ask=False)
    s.add("op-17", *late())
    return s


@fault("change_missing: late")
def change_missing_alone():
    s, _ = with_call(ask=False)
    action, object, name = late()
    s.add("op-17", action, object | {"alone": 1}, name)
    return s


def changed(**how):
    s, _ = with_call(ask=False)
    s.change("1", "people", [late()], **how)
    return s


FAULTS["change_signature_approver"] = (lambda: changed(key=key_of("another")), ["change_signature: approved 1"])
FAULTS["change_signature_proposer"] = (lambda: changed(proposer_key=key_of("another")), ["change_signature: signed 1"])
FAULTS["change_same_person"] = (lambda: changed(approver=ADMIN), ["change_same_person: approved 1"])
FAULTS["change_differs"] = (lambda: changed(lines=[f"person.added {LATE} reviewer,supervisor"]), ["change_differs: applied 1"])
FAULTS["approval_role_change"] = (lambda: changed(approver=LEAD), ["approval_role: approved 1"])


@fault("change_signature: approved 2")
def change_signature_missing():
    s = changed()
    s.change("2", "people", [("person.changed", {"type": "person", "id": LATE, "was": "reviewer", "roles": "reviewer,supervisor"}, None)], signed=False)
    return s


@fault("change_missing: link 2")
def change_missing_link():
    s, _ = with_call(ask=False)
    s.add("op-17", *new_link(s))
    return s


@fault("change_missing: key 2")
def change_missing_key_alone():
    s, _ = with_call(ask=False)
    action, object, name = new_key(s)
    s.add("op-17", action, object | {"alone": 1}, name)
    return s


def commanded(approver=PRIVACY, lines=None, **how):
    s, _ = with_call(ask=False)
    s.change("1", "link", [new_link(s, principal=ADMIN)], "op-17", approver, command=True, lines=lines, **how)
    return s


FAULTS["change_differs_link"] = (lambda: commanded(lines=[f"sign_in.link_made {p.id_of('lnk', 'new 2')} {LEAD}"]), ["change_differs: applied 1"])
FAULTS["change_same_person_link"] = (lambda: commanded(approver=ADMIN), ["change_same_person: link 2"])


@fault("change_differs: link 3")
def change_differs_twice():
    s = commanded()
    action, object, name = new_link(s, "3", ADMIN)
    s.add("op-17", action, object | {"change": p.id_of("chg", "1")}, name)
    return s


@fault("change_missing: new-key 2")
def change_missing_new_key():
    s, _ = with_call(ask=False)
    s.add("op-17", *new_tenant_key())
    return s


def given(lines=None):
    s, _ = with_call(ask=False)
    s.change("1", "key", [new_tenant_key("given-key")], "op-17", PRIVACY, command=True, lines=lines)
    return s


FAULTS["change_differs_key"] = (lambda: given([f"key.rotated {TENANT} given-key,2,arn:key/3"]), ["change_differs: applied 1"])


@fault("change_missing: erasing 1")
def change_missing_erasing():
    s, call = with_call(ask=False)
    s.add("op-17", "recording.erasing", {"type": "recording", "id": call, "reason": "request"}, "erasing 1")
    return s


def new_policy():
    return "policy.changed", {"type": "policy", "id": p.id_of("pol", "2"), "from": p.id_of("pol", "1"), "sha256": "ab" * 32, "approver_age_hours": 24}, "policy"


def new_service(owner):
    return "service.added", {"type": "service", "id": p.id_of("svc", "siem"), "roles": "auditor", "owners": owner}, "siem"


def released(call):
    return "recording.released", {"type": "recording", "id": call, "reason": "rebuilt", "depositor": PBX}, "released"


def all_acts(s, call):
    """Acts of seven other kinds than link and release."""
    team = "team.changed", {"type": "team", "id": p.id_of("tea", "1"), "members": 1, "queues": 0, "sha256": "cd" * 32}, "team"
    erasing = "recording.erasing", {"type": "recording", "id": call, "reason": "request"}, "erasing"
    return [new_policy(), late(), new_key(s), team, new_tenant_key("given-key"), erasing, new_service(REVIEWER)]


@fault("change_differs: link 3", *(f"change_differs: {name}" for name in ("policy", "late", "key 2", "team", "given-key 2", "erasing", "siem")))
def change_differs_by_other_acts():
    """One approval, for a link: another link and acts of all kinds name it, and it never takes effect."""
    s, call = with_call(ask=False)
    s.change("1", "link", [new_link(s, "3", APPROVER), *all_acts(s, call)], "op-17", ADMIN, command=True, lines=[line_of(*new_link(s)[:2])], end=None)
    return s


@fault(*(f"change_differs: {name}" for name in ("policy", "late", "key 2", "team", "given-key 2", "erasing", "siem")))
def change_differs_by_a_release():
    s, call = with_call(ask=False)
    s.change("1", "release", [*all_acts(s, call), released(call)], lines=[line_of(*released(call)[:2])])
    return s


def acted(kind, *acts, **how):
    s, call = with_call(ask=False)
    s.change("1", kind, acts or [released(call)], **how)
    return s


FAULTS["change_differs_without_an_end"] = (lambda: acted("people", late(), lines=["person.added"], end=None), ["change_differs: late"])
FAULTS["change_differs_but_expired"] = (lambda: acted("people", late(), end="change.expired"), ["change_differs: applied 1"])
FAULTS["change_differs_but_withdrawn"] = (lambda: commanded(end="change.withdrawn"), ["change_differs: applied 1"])
FAULTS["good_cut_before_it_took_effect"] = (lambda: commanded(end=None), [])
FAULTS["good_release_that_goes_on"] = (lambda: acted("release", lines=["recording.released"], end=None, doer="n1"), [])
FAULTS["good_release_of_fewer"] = (lambda: acted("release", lines=["recording.released"], doer="n1"), [])
FAULTS["good_release_that_expired"] = (lambda: acted("release", end="change.expired", doer="n1"), [])
FAULTS["good_act_within_a_day"] = (lambda: commanded(wait=24 * HOUR), [])
FAULTS["change_missing_late"] = (lambda: commanded(wait=24 * HOUR + 2 * MINUTE), ["change_missing: link 2"])
FAULTS["change_missing_by_another_command"] = (lambda: commanded(doer="op-18"), ["change_missing: link 2"])
FAULTS["change_missing_by_the_process"] = (lambda: acted("key", new_tenant_key(), proposer="op-17", command=True, doer="n1"), ["change_missing: new-key 2"])
own_roles = "person.changed", {"type": "person", "id": PRIVACY, "was": "privacy", "roles": "admin,privacy"}, "own"
FAULTS["change_same_person_own_roles"] = (lambda: acted("people", own_roles), ["change_same_person: own"])
FAULTS["change_same_person_service"] = (lambda: acted("service", new_service(f"{REVIEWER},{PRIVACY}"), proposer="op-17", command=True), ["change_same_person: siem"])


# Histories that someone wrote without the people: each passes but for what is found


def forged(s, person, link=True, maker="op-17", method="link"):
    """A sign-in that was made up, and a passkey on it that the person does not have. Returns its sign-in."""
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", person), "principal": person})
    how = {}
    if link:
        action, made, name = new_link(s, "forged", person)
        s.add(maker, action, made, name)
        how = {"link": made["id"]}
    s.sign_ins[person] = p.id_of("sgn", "forged")
    s.add(person, "sign_in.opened", {"type": "sign_in", "id": s.sign_ins[person], "method": method, "ends": s.time(12 * HOUR)} | how, "forged")
    action, added, name = further(person, "forged")
    s.add(person, action, added | s.by(person), name)


def forged_approval(**how):
    s, call = with_call()
    forged(s, APPROVER, **how)
    s.prove(APPROVER, [s.approval("1", call)], passkey="forged")
    s.listen("1", call)
    return s


FAULTS["credential_link_not_named"] = (lambda: forged_approval(link=False), ["credential: forged"])
FAULTS["change_missing_link_by_the_process"] = (lambda: forged_approval(maker="n1"), ["change_missing: link forged"])
FAULTS["change_missing_link_by_a_person"] = (lambda: forged_approval(maker=ADMIN), ["change_missing: link forged"])


def opened_by_link(wait=0, link=None, method="link", twice=False, **changed):
    s = beginning()
    action, made, name = new_link(s, "1", REVIEWER)
    s.add("op-17", action, made, name)
    s.wait(wait)
    for n in range(1, 2 + twice):
        how = {"link": link or made["id"]} | changed
        s.add(REVIEWER, "sign_in.opened", {"type": "sign_in", "id": p.id_of("sgn", f"again {n}"), "method": method, "ends": s.time(HOUR)} | how, "again")
    return s


FAULTS["good_link_within_a_minute_of_its_end"] = (lambda: opened_by_link(wait=15 * MINUTE + 50_000), [])
FAULTS["credential_link_expired"] = (lambda: opened_by_link(wait=17 * MINUTE), ["credential: again"])
FAULTS["credential_link_used"] = (lambda: opened_by_link(twice=True), ["credential: again"])
FAULTS["credential_link_that_no_event_made"] = (lambda: opened_by_link(link=p.id_of("lnk", "none")), ["credential: again"])
FAULTS["credential_passkey_not_named"] = (lambda: opened_by_link(method="passkey"), ["credential: again"])


def decided(auth, by=None, name="approved 1"):
    """An approval, or another act, whose actor is authenticated in another way than by what it names."""
    s, call = with_call()
    action, object, _ = s.approval("1", call)
    s.add(APPROVER, action, object | (by or s.by)(APPROVER), name, auth=auth)
    s.listen("1", call)
    return s


FAULTS["credential_of_an_approval_by_nothing"] = (lambda: decided("none"), ["credential: approved 1"])
FAULTS["credential_of_an_approval_by_command"] = (lambda: decided("cli", lambda _: {}), ["credential: approved 1"])
FAULTS["credential_of_another_kind"] = (lambda: decided("api-key"), ["credential: approved 1"])


def other_auth(action, auth="none", actor=None, keep=False):
    """A good history but for the actor of its first event of this action."""
    s = good_story()
    leaf = next(leaf for leaf in s.leaves if leaf["action"] == action and leaf["actor"]["type"] == "person")
    s.leaves = s.leaves[:leaf["seq"] + 1]
    leaf["actor"] = {"type": actor or "person", "id": leaf["actor"]["id"], "auth": auth}
    if not keep:
        leaf["object"] = {name: value for name, value in leaf["object"].items() if name not in ("sign_in", "api_key")}
    s.named["changed"] = leaf
    return s


for act in ("access.requested", "session.opened", "grant.extended", "grant.done", "grant.returned", "grant.revoked", "access.cancelled", "change.proposed"):
    FAULTS[f"credential_by_nothing_{act}"] = (lambda act=act: other_auth(act), ["credential: changed"])
for act in ("access.requested", "session.opened", "grant.extended", "grant.done", "grant.returned", "change.proposed"):
    FAULTS[f"credential_by_a_process_{act}"] = (lambda act=act: other_auth(act, actor="system"), ["credential: changed"])
for act in ("sign_in.opened", "passkey.added"):
    FAULTS[f"credential_by_a_process_{act}"] = (lambda act=act: other_auth(act, actor="system", keep=True), ["credential: changed"])
FAULTS["credential_by_a_command_session.opened"] = (lambda: other_auth("session.opened", "cli", "operator"), ["actor_unknown: changed", "credential: changed"])
FAULTS["credential_of_a_list_by_nothing"] = (lambda: other_auth("catalogue.read"), ["credential: changed"])


@fault("credential: signed in")
def credential_of_a_service_that_signs_in():
    s = beginning()
    action, made, _ = new_link(s, "1", PBX)
    s.add("op-17", action, made)
    s.add(PBX, "sign_in.opened", {"type": "sign_in", "id": p.id_of("sgn", "pbx"), "method": "link", "ends": s.time(HOUR), "link": made["id"]}, "signed in", auth="sign-in")
    return s


def read_after(wait):
    s, call = with_call(ask=False)
    s.add(REVIEWER, "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[REVIEWER], "principal": REVIEWER, "reason": "signed-out"})
    s.wait(wait)
    s.add(REVIEWER, "recording.read", {"type": "recording", "id": call} | s.by(REVIEWER), "read")
    return s


FAULTS["good_read_under_way_at_the_end_of_its_sign_in"] = (lambda: read_after(30_000), [])
FAULTS["credential_of_a_read_after_its_sign_in"] = (lambda: read_after(2 * MINUTE), ["credential: read"])


def facts(s, call, name, credential, person=PRIVACY, **more):
    s.add(person, "recording.amended", {"type": "recording", "id": call, "set": "agent"} | credential, name, **more)


@fault("credential: forged")
def credential_of_changed_facts_not_named():
    s, call = with_call(ask=False)
    facts(s, call, "corrected", s.by(PRIVACY))
    facts(s, call, "upload", {}, PBX)
    facts(s, call, "background", {}, "n1")
    facts(s, call, "forged", {})
    return s


@fault("credential: of another", "credential: unknown", "credential: of another kind", "credential: late")
def credential_of_changed_facts():
    s, call = with_call(ask=False)
    facts(s, call, "of another", s.by(LEAD))
    facts(s, call, "unknown", {"sign_in": p.id_of("sgn", "unknown")})
    facts(s, call, "of another kind", {"api_key": s.sign_ins[PRIVACY]})
    s.add(PRIVACY, "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[PRIVACY], "principal": PRIVACY, "reason": "signed-out"})
    facts(s, call, "under way", s.by(PRIVACY))
    s.wait(2 * MINUTE)
    facts(s, call, "late", s.by(PRIVACY))
    return s


@fault("credential: forged")
def credential_of_changed_facts_since_one_named_it():
    s = beginning(rules=None)
    call = s.recording("call 1")
    facts(s, call, "older", {})
    facts(s, call, "newer", s.by(PRIVACY))
    facts(s, call, "forged", {})
    return s


@fault("credential: read", "credential: searched")
def credential_of_a_read_and_a_search_not_named():
    s, call = with_call(ask=False)
    s.add(REVIEWER, "recording.read", {"type": "recording", "id": call}, "read")
    s.add(REVIEWER, "recording.searched", {"type": "catalogue", "id": TENANT, "by": "agent"}, "searched")
    return s


def consent(actor=PRIVACY, auth="sign-in", named=True):
    """A notice, a withdrawal that reaches a call, and its restriction."""
    s, call = with_call(ask=False)
    by = s.by(PRIVACY) if named else {}
    s.add(actor, "notice.added", {"type": "notice", "id": p.id_of("ntc", "1"), "version": 1, "language": "zh-CN"} | by, "notice", auth=auth)
    withdrawal = p.id_of("wdr", "1")
    s.add(actor, "consent.withdrawn", {"type": "withdrawal", "id": withdrawal, "at": s.time(), "purposes": "quality,training"} | by, "withdrawn", auth=auth)
    s.add("n1", "recording.amended", {"type": "recording", "id": call, "set": "basis", "withdrawal": withdrawal})
    s.add(actor, "recording.restricted", {"type": "recording", "id": call, "ground": "claims"} | by, "restricted", auth=auth)
    return s, call


def heard(purpose="complaint", withdrawn=None, restricted=False, wait=2 * MINUTE, later=None):
    """A session on a grant that was not revoked: after a restriction, or a withdrawal for these purposes; `later`: what came between."""
    s = beginning()
    call, withdrawal = s.recording("call 1"), p.id_of("wdr", "1")
    s.request("1", call, purpose=purpose)
    s.prove(APPROVER, [s.approval("1", call, purpose=purpose)])
    if withdrawn is not None:
        said = {"purposes": withdrawn} if withdrawn else {}
        s.add(PRIVACY, "consent.withdrawn", {"type": "withdrawal", "id": withdrawal, "at": s.time()} | said | s.by(PRIVACY))
        s.add("n1", "recording.amended", {"type": "recording", "id": call, "set": "basis", "withdrawal": withdrawal})
    if restricted:
        s.add(PRIVACY, "recording.restricted", {"type": "recording", "id": call, "ground": "claims"} | s.by(PRIVACY))
    if later:
        later(s, call)
    s.wait(wait)
    s.listen("1", call, purpose=purpose)
    return s


def lift_restriction(s, call):
    s.change("lift", "lift", [("recording.unrestricted", {"type": "recording", "id": call}, None)], PRIVACY, ADMIN)


def amend(s, call, set="basis"):
    s.add(PRIVACY, "recording.amended", {"type": "recording", "id": call, "set": set} | s.by(PRIVACY))


def replay(s, call):
    s.add("n1", "amendment.replayed", {"type": "recording", "id": call, "event": p.id_of("evt", "lost"), "subject": call, "n": 3, "entry": "ab" * 32})


def withdraw_elsewhere(s, call):
    s.add(PRIVACY, "consent.withdrawn", {"type": "withdrawal", "id": p.id_of("wdr", "2"), "at": s.time()} | s.by(PRIVACY))


def restrict_again(s, call):
    lift_restriction(s, call)
    s.add(PRIVACY, "recording.restricted", {"type": "recording", "id": call, "ground": "accuracy"} | s.by(PRIVACY))


FORBIDDEN = ["session_forbidden: opened 1 1"]
FAULTS["session_forbidden_by_a_restriction"] = (lambda: heard(restricted=True), FORBIDDEN)
FAULTS["session_forbidden_by_a_second_restriction"] = (lambda: heard(restricted=True, later=restrict_again), FORBIDDEN)
FAULTS["session_forbidden_by_a_restriction_whatever_the_basis"] = (lambda: heard(restricted=True, later=amend), FORBIDDEN)
FAULTS["session_forbidden_by_a_withdrawal"] = (lambda: heard(withdrawn=""), FORBIDDEN)
FAULTS["session_forbidden_by_a_withdrawal_for_its_purpose"] = (lambda: heard(withdrawn="complaint,quality"), FORBIDDEN)
FAULTS["session_forbidden_by_a_withdrawal_before_another_fact"] = (lambda: heard(withdrawn="", later=lambda s, call: amend(s, call, "agent")), FORBIDDEN)
FAULTS["good_session_for_another_purpose_than_was_withdrawn"] = (lambda: heard(withdrawn="quality,training"), [])
FAULTS["good_session_for_legal_purposes"] = (lambda: heard("legal", withdrawn="", restricted=True), [])
FAULTS["good_session_on_the_request_of_its_subject"] = (lambda: heard("subject-request", withdrawn="", restricted=True), [])
FAULTS["good_session_under_way_at_a_restriction"] = (lambda: heard(restricted=True, wait=30_000), [])
FAULTS["good_session_after_a_restriction_was_lifted"] = (lambda: heard(restricted=True, later=lift_restriction), [])
FAULTS["good_session_after_new_consent"] = (lambda: heard(withdrawn="", later=amend), [])
FAULTS["good_session_after_a_replay"] = (lambda: heard(withdrawn="", restricted=True, later=replay), [])
FAULTS["good_session_on_a_call_that_no_withdrawal_reached"] = (lambda: heard(later=withdraw_elsewhere), [])
FAULTS["good_consent"] = (lambda: consent()[0], [])
FAULTS["credential_of_consent_not_named"] = (lambda: consent(named=False)[0], ["credential: notice", "credential: withdrawn", "credential: restricted"])
FAULTS["credential_of_consent_by_a_process"] = (lambda: consent("n1", "none", False)[0], ["credential: notice", "credential: withdrawn", "credential: restricted"])


@fault("after_erase: again")
def after_erase_of_a_restriction():
    s, call = consent()
    s.erase("1", call)
    s.add(PRIVACY, "recording.restricted", {"type": "recording", "id": call, "ground": "unlawful"} | s.by(PRIVACY), "again")
    return s


@fault("credential: removed")
def credential_of_a_member_taken_out():
    s, call = with_call(ask=False)
    team = {"type": "team", "id": p.id_of("tea", "1"), "members": 0, "queues": 0, "removed": REVIEWER}
    s.add(LEAD, "team.changed", team | s.by(LEAD))
    s.add("op-17", "team.changed", team)
    s.add(LEAD, "team.changed", team, "removed")
    return s


def added_again(actor="n1", id=ADMIN, roles="admin,supervisor", action="person.added", **more):
    """Someone is added whom the log knows already, and then approves."""
    s, call = with_call()
    s.add(actor, action, {"type": action.split(".")[0], "id": id, "roles": roles} | more, "again")
    if id == ADMIN:
        s.prove(ADMIN, [s.approval("1", call)])
    return s


def role_taken(until="2027-01-31"):
    """An admin takes a role in the console: the event repeats until when the person is trained."""
    s, _ = with_call(ask=False)
    action, object, name = late()
    s.change("1", "people", [(action, object | {"roles": "reviewer,supervisor", "trained_until": "2027-01-31"}, name)])
    s.add(ADMIN, "person.changed", {"type": "person", "id": LATE, "was": "reviewer,supervisor", "roles": "reviewer", "trained_until": until}, "taken")
    return s


FAULTS["good_role_taken_of_someone_trained"] = (lambda: role_taken(), [])
FAULTS["change_missing_of_longer_training"] = (lambda: role_taken("2027-02-01"), ["change_missing: taken"])


def after_the_admins(taker="op-17", restore=False, early=False):
    """The only admin loses the role first; then a command does alone what two people do."""
    s = beginning()
    if not early:
        s.recording("call 1")
    if restore:
        s.add("op-17", "log.restored", {"type": "log", "id": TENANT, "from": 5, "to": 4})
        s.wait(-1000)
    s.add(taker, "person.changed", {"type": "person", "id": ADMIN, "was": "admin", "roles": ""}, "lowered")
    if early:
        s.recording("call 1")
    s.wait(HOUR)
    for act in (late(), new_tenant_key()):
        s.add("op-17", *act)
    return s


FAULTS["change_missing_before_a_command_acts_alone"] = (lambda: after_the_admins(), ["change_missing: lowered"])
FAULTS["change_missing_before_a_command_acts_alone_by_the_process"] = (lambda: after_the_admins("n1"), ["change_missing: lowered"])
FAULTS["good_after_the_only_admin_stopped_being_one"] = (lambda: after_the_admins(ADMIN), [])
FAULTS["good_after_the_only_admin_changed_before_the_first_call"] = (lambda: after_the_admins(early=True), [])
FAULTS["good_after_a_restore_took_the_admins_role_again"] = (lambda: after_the_admins(restore=True), [])


def by_a_command_of(person, *acts):
    """Someone who may not writes events as commands of the only admin, who would be the second person."""
    s, _ = with_call(ask=False)
    for action, object, name in acts or (late(), new_tenant_key(), new_policy()):
        s.add("op-17", action, object, name)["actor"]["id"] = person
    return s


FAULTS["actor_unknown_of_a_command_by_the_admin"] = (lambda: by_a_command_of(ADMIN), [f"{code}: {act}" for act in ("late", "new-key 2", "policy") for code in ("actor_unknown", "change_missing")])
FAULTS["actor_unknown_of_a_command_by_someone"] = (lambda: by_a_command_of(p.id_of("usr", "x"), released(p.id_of("rec", "call 1"))), ["actor_unknown: released", "change_missing: released"])
FAULTS["repeated_someone_named_with_the_tenant"] = (lambda: added_again(), ["change_missing: again", "repeated: again", "approval_role: approved 1"])
FAULTS["repeated_someone_named_with_the_tenant_before_the_first_call"] = (lambda: added_early(), ["repeated: again"])
FAULTS["form_a_service_with_the_id_of_a_person"] = (lambda: added_again("op-17", APPROVER, "uploader", "service.added", owners=ADMIN), ["form: again"])
FAULTS["form_a_person_with_the_id_of_a_service"] = (lambda: added_again("op-17", p.id_of("svc", "x"), "supervisor"), ["change_missing: again", "form: again"])


def added_early():
    s = beginning()
    s.add("op-17", "person.added", {"type": "person", "id": ADMIN, "roles": "admin,supervisor"}, "again")
    return s


@fault("change_missing: again", "repeated: again", "actor_off: proof", "actor_off: approved 1")
def repeated_someone_who_left():
    s, call = with_call()
    s.add(ADMIN, "person.off", {"type": "person", "id": LEAD})
    s.wait(10 * MINUTE)
    s.add("n1", "person.added", {"type": "person", "id": LEAD, "roles": "reviewer,supervisor"}, "again")
    action, object, name = s.approval("1", call)
    s.prove(LEAD, [(action, object, name)])
    s.named["proof"] = s.leaves[-2]
    return s


def added_as_first(sign=True):
    """A member of older versions makes no one one of the tenant's first people."""
    s, call = with_call()
    action, object, name = late()
    s.change("policy", "policy", [new_policy()])
    s.change("people", "people", [(action, object | {"roles": "supervisor", "first": 1}, name)])
    s.sign_in(LATE)
    if sign:
        s.passkey(LATE)
        s.prove(LATE, [s.approval("1", call)])
    else:
        action, object, name = s.approval("1", call)
        s.add(LATE, action, object | s.by(LATE), name)
    return s


FAULTS["approval_age_of_someone_added_as_first"] = (lambda: added_as_first(), ["approval_age: approved 1"])
FAULTS["approval_proof_of_someone_added_as_first"] = (lambda: added_as_first(False), ["approval_proof: approved 1", "approval_age: approved 1"])


@fault("place: added", "actor_unknown: link of " + LATE, "approval_role: approved 1")
def place_an_operator_in_a_tenants_log():
    s, call = with_call()
    s.add("n1", "operator.added", {"type": "person", "id": LATE, "roles": "supervisor"}, "added")
    s.sign_in(LATE)
    s.passkey(LATE)
    s.change("people", "people", [late()])
    s.prove(LATE, [s.approval("1", call)])
    return s


def of_another_tenant(action, **object):
    """An event of another tenant in this log: it names no people, no policy and no rebuild."""
    s, call = with_call(who=LEAD)
    s.passkey(REVIEWER)
    s.add("op-17", action, {"type": "tenant", "id": TENANT[:-1] + "b"} | object, "other")
    s.prove(REVIEWER, [s.approval("1", call, who=LEAD)])
    s.request("2", p.id_of("rec", "none"))
    return s


weak = {"policy": p.id_of("pol", "weak"), "sha256": "cd" * 32, "authority": 1}
FAULTS["place_another_tenant"] = (lambda: of_another_tenant("tenant.created", admin=ADMIN, approver_1=REVIEWER, **weak), ["place: other", "approval_role: approved 1", "recording_unknown: request 2"])
FAULTS["place_another_tenant_that_was_rebuilt"] = (lambda: of_another_tenant("tenant.rebuilt", wrap=1, minimum_wrap=1, **weak), ["place: other", "approval_role: approved 1", "recording_unknown: request 2"])
for act in ("tenant.suspended", "tenant.resumed"):
    FAULTS[f"place_{act}_of_another"] = (lambda act=act: of_another_tenant(act), ["place: other", "approval_role: approved 1", "recording_unknown: request 2"])


@fault("repeated: again", "approval_role: approved 1")
def repeated_tenant_names_no_one():
    s, call = with_call(who=LEAD)
    s.passkey(REVIEWER)
    s.add("n1", "tenant.created", s.named["tenant"]["object"] | {"approver_1": REVIEWER, "policy": p.id_of("pol", "1"), "sha256": "cd" * 32}, "again")
    s.prove(REVIEWER, [s.approval("1", call, who=LEAD)])
    return s


@fault(*(f"actor_unknown: link of {person}" for person in (ADMIN, APPROVER, LEAD)), "repeated: again", "approval_role: approved 1")
def repeated_tenant_after_a_rebuild():
    s, call = with_call(who=LEAD)
    s.passkey(REVIEWER)
    s.leaves[0]["action"], s.leaves[0]["object"] = "tenant.rebuilt", {"type": "tenant", "id": TENANT, "policy": p.id_of("pol", "1"), "sha256": "cd" * 32, "wrap": 1, "minimum_wrap": 1, "authority": 1}
    s.add("n1", "tenant.created", {"type": "tenant", "id": TENANT, "admin": ADMIN, "approver_1": REVIEWER, "policy": p.id_of("pol", "1"), "sha256": "cd" * 32}, "again")
    for person in (APPROVER, LEAD):
        s.change(f"add {person}", "people", [("person.added", {"type": "person", "id": person, "roles": "supervisor"}, None)])
    s.prove(REVIEWER, [s.approval("1", call, who=LEAD)])
    return s


def undecided(action, object, actor):
    """A dangerous act without a change, by anyone, while a second person could confirm."""
    s, call = with_call(ask=False)
    s.add(actor, action, {name: call if value == "call" else value for name, value in object(s).items()}, "act")
    return s


UNDECIDED = {
    "api_key.created": lambda s: new_key(s)[1],
    "sign_in.link_made": lambda s: new_link(s)[1],
    "service.added": lambda s: new_service(REVIEWER)[1],
    "key.rotated": lambda s: new_tenant_key()[1],
    "key.retired": lambda s: {"type": "key", "id": TENANT, "from": 1, "wrap": 2},
    "recording.erasing": lambda s: {"type": "recording", "id": "call", "reason": "request"},
    "policy.changed": lambda s: new_policy()[1],
}
for act, about in UNDECIDED.items():
    for who, label in (("n1", "the process"), (ADMIN, "a person")):
        FAULTS[f"change_missing_by_{label}_{act}"] = (lambda act=act, about=about, who=who: undecided(act, about, who), ["change_missing: act"])


@fault("erase_reason: erasing 1")
def erase_reason_another_change():
    """What a rule erases names the rule: no change of another kind is one."""
    s, call = with_call(ask=False)
    s.erase("1", call, cause=s.change("1", "people", [late()]))
    return s


def lacking(action, *names):
    """A good history up to an event that lacks members."""
    s = good_story()
    leaf = next(leaf for leaf in s.leaves if leaf["action"] == action and leaf["seq"] > 1)
    s.leaves = s.leaves[:leaf["seq"] + 1]
    for name in names:
        del leaf["object"][name]
    s.named["lacking"] = leaf
    return s


for act, name in (("policy.changed", "sha256"), ("session.opened", "policy"), ("session.ended", "seconds"), ("grant.revoked", "recording"), ("sign_in.ended", "reason"),
                  ("api_key.created", "scopes"), ("key.rotated", "wrap"), ("person.added", "roles"), ("proof.given", "client"), ("recording.erased", "begun")):
    FAULTS[f"form_{act}_without_{name}"] = (lambda act=act, name=name: lacking(act, name), ["form: lacking"])


def odd(action, **object):
    s, call = with_call(ask=False)
    s.add("n1", action, {"type": action.split(".")[0], "id": TENANT} | object, "odd")
    return s


FAULTS["good_members"] = (lambda: odd("key.used", why="metadata", recording=p.id_of("rec", "x"), colour="red"), [])
FAULTS["form_no_number"] = (lambda: odd("key.used", why="metadata", counted="3"), ["form: odd"])
FAULTS["form_no_text"] = (lambda: odd("key.used", why=7), ["form: odd"])
FAULTS["form_no_time"] = (lambda: odd("exposure.read", type="person", since="2026-02-30T00:00:00.000Z", until="2026-03-30T00:00:00.000Z"), ["form: odd"])
FAULTS["form_no_digest"] = (lambda: odd("tenant.changed", settings="time_zone", sha256="AB" * 32), ["form: odd"])
FAULTS["form_no_base64"] = (lambda: odd("signer.added", type="log", key="AQ"), ["form: odd"])
FAULTS["form_no_list"] = (lambda: odd("person.added", owners=7, roles="reviewer"), ["form: odd"])
FAULTS["form_another_type"] = (lambda: odd("access.read", type="nonsense"), ["form: odd"])
FAULTS["form_a_change_that_is_a_number"] = (lambda: odd("policy.changed", **{"from": p.id_of("pol", "1")}, sha256="ab" * 32, change=7), ["form: odd"])
FAULTS["change_signature_of_the_first_change"] = (lambda: changed(signed=False), ["change_signature: approved 1"])
FAULTS["change_signature_of_the_first_command"] = (lambda: commanded(signed=False), ["change_signature: approved 1"])
FAULTS["approval_role_of_a_rule"] = (lambda: changed_rule(), ["approval_role: approved 1"])
FAULTS["session_late_without_a_clock"] = (lambda: without_a_clock(), ["session_late: opened 1 1"])


def changed_rule():
    s, _ = with_call(ask=False)
    s.change("1", "rule", [new_policy()], LEAD, APPROVER)
    return s


def without_a_clock():
    """An approval that says no end runs from then on."""
    s, call = with_call()
    action, object, name = s.approval("1", call, window=False)
    del object["expires"]
    s.prove(APPROVER, [(action, object, name)])
    s.listen("1", call)
    return s


@fault("repeated: again")
def repeated_sign_in():
    s = beginning()
    opened = {"type": "sign_in", "id": s.sign_ins[LEAD], "method": "passkey", "ends": s.time(HOUR), "passkey": p.id_of("pky", LEAD)}
    s.add(LEAD, "sign_in.opened", opened, "again")
    return s


# ---- Call lists, calls that are reported missing, and ingest keys

def calls(*names):
    return ",".join(p.id_of("rec", name) for name in names)


def call_list(*made, name="list", by=PBX, source="pbx", also=0, unlisted=0, amended=(), says=None, **changed):
    """A list that creates calls, expects `also` so many known ones, takes back `unlisted`, and changes facts of others; it `says` so many."""
    def step(s):
        counts = {"listed": len(made) + also, "unlisted": unlisted, "amended": len(amended)}
        object = {"type": "tenant", "id": TENANT, "source": source, "rows": len(made) + also + unlisted + len(amended)} | counts
        said = {"amended": says} if says is not None else {}
        s.add(by, "recording.listed", object | ({"recordings": calls(*made)} if made else {}) | said | changed, name)
        for call in amended:
            s.add(by, "recording.amended", {"type": "recording", "id": p.id_of("rec", call), "set": "queue"})
    return step


def missing(*names, name="missing", by="n1", source="pbx", tenant=TENANT):
    return lambda s: s.add(by, "recording.missing", {"type": "tenant", "id": tenant, "source": source, "recordings": calls(*names)}, name)


def expected(name, by=PBX):
    """A call that the platform describes before its audio."""
    return lambda s: s.add(by, "recording.created", {"type": "recording", "id": p.id_of("rec", name)})


def audio(name, object="audio"):
    def step(s):
        deposit = {"type": "deposit", "id": p.id_of("dep", f"{name} {object}"), "recording": p.id_of("rec", name), "object": object}
        s.add(PBX, "deposit.started", deposit)
        s.add(PBX, "deposit.available", deposit)
    return step


def erased(name):
    return lambda s: s.erase(name, p.id_of("rec", name))


def restored(s):
    s.add("op-17", "log.restored", {"type": "log", "id": TENANT, "from": s.seq() - 2, "to": s.seq() - 1})


def index_rebuilt(s):
    s.add("op-17", "vault.rebuilt", {"type": "tenant", "id": TENANT, "wrap": 1, "recordings": 1, "deposits": 1, "ids": "cd" * 32})


def other(s):
    s.add("n1", "catalogue.read", {"type": "catalogue", "id": TENANT}, "other")


def facts_changed(name, by=PBX):
    return lambda s: s.add(by, "recording.amended", {"type": "recording", "id": p.id_of("rec", name), "set": "agent"} | (s.by(by) if by == ADMIN else {}), "facts")


def ingest_key(n, replaces=None, how="new", name="key"):
    object = {"type": "ingest_key", "id": p.id_of("ink", str(n)), "how": how, "public": p.g.b64(bytes([n] * 32))}
    return lambda s: s.add("n1", "ingest_key.created", object | ({} if replaces is None else {"replaces": p.id_of("ink", str(replaces))}), name)


def retire_key(n, days=None):
    """`days`: since its last file."""
    def step(s):
        last = {} if days is None else {"last_file": s.time(-days * 24 * HOUR)}
        s.add("op-17", "ingest_key.retired", {"type": "ingest_key", "id": p.id_of("ink", str(n))} | last, "retired")
    return step


def days(n):
    return lambda s: s.wait(n * 24 * HOUR)


def steps(*all):
    s = beginning()
    for step in all:
        step(s)
    return s


for name, codes, *story in (
    ("good_list_before_the_audio", [], call_list("a", "b"), audio("a"), missing("b")),
    ("good_list_after_the_audio", [], expected("a"), audio("a"), call_list("b", also=1, amended=["a"]), missing("b")),
    ("good_list_again_with_other_values", [], call_list("a"), call_list(also=1), missing("a"), call_list(also=1)),
    ("good_list_of_a_described_call", [], expected("a"), call_list(also=1), missing("a")),
    ("good_list_that_changes_facts", [], expected("a"), call_list("b", amended=["a"]), other),
    ("good_late_audio", [], call_list("a"), missing("a"), audio("a"), call_list(also=1)),
    ("good_missing_though_a_transcript_came", [], call_list("a"), audio("a", "transcript/en"), missing("a")),
    ("good_missing_again_after_it_was_taken_back", [], call_list("a"), missing("a"), call_list(unlisted=1), call_list(also=1), missing("a")),
    ("good_missing_then_erased", [], call_list("a"), missing("a"), erased("a")),
    ("good_missing_in_an_older_database", [], call_list("a", "b"), missing("a"), audio("b"), restored, missing("a", "b")),
    ("good_missing_of_a_list_that_a_restore_took_out", [], expected("a"), restored, missing("a")),
    ("good_missing_after_a_rebuild", [], call_list("a"), missing("a"), index_rebuilt, call_list("b", also=1), missing("a", "b")),
    ("good_missing_of_an_older_call_without_a_source", [], expected("a"), call_list(also=1), missing("a", source="")),
    ("good_list_that_ends_within_its_transaction", [], expected("a"), expected("b"), call_list(amended=["a"], rows=3, says=2), restored),
    ("list_counts_more_calls_than_listed", ["list_counts: list"], call_list("a", "b", listed=1)),
    ("list_counts_more_than_its_rows", ["list_counts: list"], call_list("a", rows=1, also=1)),
    ("list_counts_facts_of_calls_that_it_creates", ["list_counts: list", "list_counts: other"], call_list("a", rows=1, says=1), other),
    ("list_counts_a_list_that_says_nothing", ["list_counts: list"], call_list(rows=3)),
    ("list_counts_facts_of_fewer", ["list_counts: other"], expected("a"), call_list("b", rows=4, amended=["a"], says=2), other),
    ("list_counts_facts_by_another", ["list_counts: facts"], expected("a"), call_list(also=1, rows=4, says=1), facts_changed("a", ADMIN)),
    ("missing_unlisted_a_described_call", ["missing_unlisted: missing"], expected("a"), missing("a")),
    ("missing_unlisted_more_than_listed", ["missing_unlisted: missing"], expected("a"), expected("b"), call_list("c", also=1), missing("a", "b", "c")),
    ("missing_unlisted_in_another_source", ["missing_unlisted: missing"], call_list("a"), call_list("b", source="sbc"), missing("a", source="sbc")),
    ("missing_stored", ["missing_stored: missing"], call_list("a", "b"), audio("a"), missing("a", "b")),
    ("repeated_missing", ["repeated: missing"], call_list("a"), missing("a"), call_list(also=1), missing("a")),
    ("repeated_missing_in_one_event", ["repeated: missing"], call_list("a"), missing("a", "a")),
    ("repeated_missing_of_an_older_database", ["repeated: missing"], call_list("a"), missing("a"), restored, missing("a"), missing("a")),
    ("repeated_listed_call", ["repeated: list"], call_list("a"), call_list("a")),
    ("recording_unknown_missing", ["recording_unknown: missing", "missing_unlisted: missing"], missing("a")),
    ("after_erase_missing", ["after_erase: missing"], call_list("a"), erased("a"), missing("a")),
    ("place_a_list_of_another_tenant", ["place: list"], call_list("a", id=TENANT[:-1] + "b")),
    ("place_missing_of_another_tenant", ["place: missing"], call_list("a"), missing("a", tenant=TENANT[:-1] + "b")),
    ("actor_unknown_missing_by_a_service", ["actor_unknown: missing"], call_list("a"), missing("a", by=PBX)),
    ("credential_a_list_by_the_process", ["credential: list"], call_list("a", by="n1")),
    ("good_ingest_keys", [], ingest_key(1), ingest_key(2, 1), ingest_key(3, 2, "rotated"), days(90), retire_key(1), retire_key(2, 90)),
    ("good_ingest_keys_from_the_store", [], ingest_key(1), ingest_key(2, 1), restored, ingest_key(2, 1, "restored"), ingest_key(3, 2), retire_key(1, 90)),
    ("good_ingest_keys_of_an_older_database", [], ingest_key(1), ingest_key(2, 1), restored, ingest_key(3, 1)),
    ("good_ingest_keys_after_a_rebuild", [], ingest_key(1), ingest_key(2, 1), ingest_key(1, how="restored"), ingest_key(2, 1, "restored"), index_rebuilt, ingest_key(3, 2)),
    ("good_ingest_key_retired_in_an_older_database", [], ingest_key(1), ingest_key(2, 1), days(90), retire_key(1), restored, retire_key(1)),
    ("ingest_key_order_of_a_second_first_one", ["ingest_key_order: key"], ingest_key(1), ingest_key(2)),
    ("ingest_key_order_replaces_an_older_one", ["ingest_key_order: key"], ingest_key(1), ingest_key(2, 1), ingest_key(3, 1)),
    ("ingest_key_order_retired_while_current", ["ingest_key_order: retired"], ingest_key(1), days(400), retire_key(1)),
    ("ingest_key_order_retired_too_soon", ["ingest_key_order: retired"], ingest_key(1), ingest_key(2, 1), days(88), retire_key(1)),
    ("ingest_key_order_retired_after_a_file", ["ingest_key_order: retired"], ingest_key(1), ingest_key(2, 1), days(100), retire_key(1, 88)),
    ("ingest_key_order_retired_again", ["ingest_key_order: retired"], ingest_key(1), ingest_key(2, 1), days(100), retire_key(1), retire_key(1)),
    ("ingest_key_order_retired_though_unknown", ["ingest_key_order: retired"], ingest_key(1), retire_key(2)),
    ("repeated_ingest_key", ["repeated: key"], ingest_key(1), ingest_key(2, 1), ingest_key(1, 2)),
):
    FAULTS[name] = (lambda story=story: steps(*story), codes)


@fault("repeated: again")
def repeated_sign_in_that_ended():
    s = beginning()
    s.add(LEAD, "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[LEAD], "principal": LEAD, "reason": "signed-out"})
    opened = {"type": "sign_in", "id": s.sign_ins[LEAD], "method": "passkey", "ends": s.time(HOUR), "passkey": p.id_of("pky", LEAD)}
    s.add(LEAD, "sign_in.opened", opened, "again")
    return s


@fault("repeated: again")
def repeated_link():
    s = beginning()
    s.add("op-17", "sign_in.link_made", {"type": "link", "id": p.id_of("lnk", LEAD), "principal": LEAD, "expires": s.time(HOUR)}, "again")
    return s


def rebuilt(actor, action="tenant.rebuilt"):
    s, _ = with_call(ask=False)
    object = {"policy": p.id_of("pol", "1"), "sha256": "cd" * 32, "wrap": 1, "minimum_wrap": 1, "authority": 1}
    if action == "vault.rebuilt":
        object = {"wrap": 1, "recordings": 1, "deposits": 1, "ids": "cd" * 32}
    s.add(actor, action, {"type": "tenant", "id": TENANT} | object, "rebuilt")
    s.request("1", p.id_of("rec", "of before"))
    return s


FAULTS["good_rebuilt"] = (lambda: rebuilt("op-17"), [])
FAULTS["actor_unknown_of_a_rebuilt_tenant"] = (lambda: rebuilt("n1"), ["actor_unknown: rebuilt"])
FAULTS["actor_unknown_of_a_rebuilt_index"] = (lambda: rebuilt(ADMIN, "vault.rebuilt"), ["actor_unknown: rebuilt"])


def replayed_policy(restore=True, doer="n1", **other):
    """A version of the policy that the restored database lacked: the process applies the entry of the store again."""
    s, _ = with_call(ask=False)
    s.change("1", "policy", [new_policy()])
    if restore:
        s.add("op-17", "log.restored", {"type": "log", "id": TENANT, "from": len(s.leaves) - 2, "to": len(s.leaves) - 1})
        s.add("n1", "amendment.replayed", {"type": "tenant", "id": TENANT, "event": p.id_of("evt", "x")})
    s.add(doer, "policy.changed", new_policy()[1] | {"from": p.id_of("pol", "1" if restore else "2")} | other, "again")
    return s


def restored_bounds(first, last):
    s, _ = with_call(ask=False)
    s.add("op-17", "log.restored", {"type": "log", "id": TENANT, "from": first, "to": last}, "restored")
    return s


FAULTS["form_a_restore_of_what_follows"] = (lambda: restored_bounds(0, 10 ** 9), ["form: restored"])
FAULTS["form_a_restore_from_before_the_log"] = (lambda: restored_bounds(-1, 3), ["form: restored"])
FAULTS["form_a_restore_backwards"] = (lambda: restored_bounds(5, 3), ["form: restored"])
FAULTS["good_restore_of_nothing"] = (lambda: restored_bounds(5, 4), [])
def counted_after_off(action="access.read", begun=-3 * MINUTE, type="policy", **more):
    """What someone did after they were deactivated, written as the count of a window."""
    s, _ = with_call(ask=False)
    s.wait(5 * MINUTE)
    window = {"window": s.time(begun)} if begun is not None else {}
    s.add(ADMIN, "person.off", {"type": "person", "id": LEAD})
    s.wait(5 * MINUTE)
    s.add(LEAD, action, {"type": type, "id": TENANT, "counted": 3} | window | more, "counted")
    return s


FAULTS["good_count_after_a_deactivation"] = (lambda: counted_after_off(), [])
FAULTS["actor_off_of_a_count_that_began_later"] = (lambda: counted_after_off(begun=3 * MINUTE), ["actor_off: counted"])
FAULTS["actor_off_of_a_count_without_a_window"] = (lambda: counted_after_off(begun=None), ["actor_off: counted"])
FAULTS["actor_off_of_what_is_not_counted"] = (lambda: counted_after_off("recording.amended", type="recording", set="agent"), ["actor_off: counted", "credential: counted", "recording_unknown: counted"])


def moved(*acts):
    """Changes of the tenant's key, one after the other."""
    s, _ = with_call(ask=False)
    s.change("1", "key", [new_tenant_key()], "op-17", PRIVACY, command=True)
    for action, object, _ in acts:
        s.add("op-17", action, object, "last")
    return s


stays = [new_tenant_key(how, n, 2) for n, how in enumerate(("material", "raise", "volume-on", "volume-off"), 3)]
again = "log.restored", {"type": "log", "id": TENANT, "from": 9, "to": 10}, None
FAULTS["good_changes_of_the_same_key"] = (lambda: moved(*stays), [])
FAULTS["good_key_of_an_older_database"] = (lambda: moved(again, new_tenant_key("material", 3, 1)), [])
FAULTS["change_missing_another_key"] = (lambda: moved(new_tenant_key("material", 3, 9)), ["change_missing: last"])
FAULTS["change_missing_a_key_from_another"] = (lambda: moved(new_tenant_key("raise", 3, 2, **{"from": "arn:key/1"})), ["change_missing: last"])
FAULTS["change_missing_a_key_in_an_unknown_way"] = (lambda: moved(new_tenant_key("moved", 3, 2)), ["change_missing: last"])


def teamed(*acts, digest=True, by=LEAD):
    """A team by two people, and what `by` does with it alone."""
    s, _ = with_call(ask=False)
    team = {"type": "team", "id": p.id_of("tea", "1"), "members": 3, "queues": 1} | ({"sha256": "cd" * 32} if digest else {})
    s.change("1", "team", [("team.changed", team, "team")])
    for act in acts:
        if act is None:
            s.add("op-17", *again[:2])
        else:
            s.add(by, "team.changed", team | {"removed": REVIEWER} | act | s.by(by), "last")
    return s


FAULTS["good_members_taken_out"] = (lambda: teamed({"members": 2}, {"members": 2}, {"members": 1}), [])
FAULTS["good_members_of_an_older_database"] = (lambda: teamed(None, {"members": 4}, by="op-17"), [])
FAULTS["change_missing_more_members"] = (lambda: teamed({"members": 2}, {"members": 3}), ["change_missing: last"])
FAULTS["change_missing_more_queues"] = (lambda: teamed({"members": 2, "queues": 2}), ["change_missing: last"])
FAULTS["change_missing_fewer_queues"] = (lambda: teamed({"members": 2, "queues": 0}), ["change_missing: last"])
FAULTS["change_missing_no_member_taken_out"] = (lambda: teamed({"members": 2, "removed": ""}), ["change_missing: last"])
FAULTS["change_differs_a_team_without_its_digest"] = (lambda: teamed(digest=False), ["change_differs: team"])


def lasting(hours, ends=12 * HOUR, late=0):
    """A link and a sign-in that last for a time."""
    s = beginning()
    action, made, name = new_link(s, "1", REVIEWER)
    s.add("op-17", action, made | {"expires": s.time(hours)}, name)
    s.wait(late)
    s.add(REVIEWER, "sign_in.opened", {"type": "sign_in", "id": p.id_of("sgn", "long"), "method": "link", "ends": s.time(ends), "link": made["id"]}, "long")
    return s


FAULTS["good_longest_link_and_sign_in"] = (lambda: lasting(24 * HOUR, late=24 * HOUR), [])
FAULTS["credential_link_that_lasts"] = (lambda: lasting(24 * HOUR + 2 * MINUTE), ["credential: link 1"])
FAULTS["credential_sign_in_that_lasts"] = (lambda: lasting(HOUR, 12 * HOUR + 2 * MINUTE), ["credential: long"])


def member(actor, node=None, **object):
    """An event of which a text or a member has an odd form."""
    s, _ = with_call(ask=False)
    s.add(actor, "people.read", {"type": "people", "id": TENANT} | object, "odd")
    s.leaves[-1]["node"] = node or "n1"
    return s


FAULTS["good_text_with_a_backslash"] = (lambda: member(ADMIN, "a\\ud8 \\\\udcff \U0001F600"), [])
FAULTS["form_names_like_numbers"] = (lambda: member(ADMIN, **{"10": "x", "9": "y"}), ["form: odd"])
FAULTS["form_names_beyond_letters"] = (lambda: member(ADMIN, **{"\U0001F600": "x", "\uff5e": "y"}), ["form: odd"])
FAULTS["form_a_name_of_javascript"] = (lambda: member(ADMIN, __proto__="x"), ["form: odd"])


@fault("form: opened 1 1", "session_unopened: ended 1 1")
def form_a_session_that_hides_its_recording():
    """Written as one about another recording, by a list of none."""
    s, call = granted()
    other = s.recording("call 2")
    s.erase("1", call)
    s.listen("1", call, end=False)
    s.named["opened 1 1"]["object"] |= {"type": "recording", "id": other, "recordings": []}
    s.end("1", call)
    return s


@fault("session_unapproved: opened 1 1")
def session_on_a_lease_that_it_does_not_name():
    s = beginning()
    s.add("op-17", "lease.granted", {"type": "lease", "id": "undefined"})
    s.listen("1", s.recording("call 1"))
    return s


@fault("change_differs: applied 1")
def change_differs_an_erasure_of_none():
    s, call = with_call(ask=False)
    erasing = "recording.erasing", {"type": "recording", "id": call, "reason": "request"}, "erasing"
    s.change("1", "erase", [(erasing[0], erasing[1] | {"recordings": []}, "erasing")], "op-17", ADMIN, command=True, lines=[line_of(*erasing[:2])])
    return s


def by_key(scopes, act="ask", who=PBX):
    """A request, an approval or a session by an API key of these scopes."""
    s, call = with_call(ask=False)
    action, key, name = new_key(s, "own", who)
    s.change("key", "api_key", [(action, key | {"scopes": scopes}, name)], "op-17", PRIVACY, command=True)
    asks = who == PBX
    s.request("1", call, who=who if asks else REVIEWER, **({"api_key": key["id"]} if asks and act == "ask" else {}))
    action, object, name = s.approval("1", call, who=who if asks else REVIEWER)
    if act == "decide":
        s.add(who, action, object | {"api_key": key["id"]}, name, auth="api-key")
    else:
        s.prove(APPROVER, [(action, object, name)])
    if act == "listen":
        s.listen("1", call, who=who, end=False, api_key=key["id"])
    return s


FAULTS["good_request_by_key"] = (lambda: by_key("ingest,request"), [])
FAULTS["credential_request_by_a_key_for_uploads"] = (lambda: by_key("ingest"), ["credential: request 1"])
FAULTS["good_decision_by_key"] = (lambda: by_key("decide", "decide", LEAD), [])
FAULTS["credential_decision_by_a_key_for_reading"] = (lambda: by_key("read,request,listen", "decide", LEAD), ["credential: approved 1"])
FAULTS["good_listening_by_key"] = (lambda: by_key("listen", "listen"), [])
FAULTS["credential_listening_by_a_key_for_requests"] = (lambda: by_key("request", "listen"), ["credential: opened 1 1"])


def begins_rebuilt(stranger=False):
    """A log that begins with its tenant's rebuild: no one is in it before an event adds them."""
    s = Story()
    s.add("op-17", "tenant.rebuilt", {"type": "tenant", "id": TENANT, "policy": p.id_of("pol", "1"), "sha256": "cd" * 32, "wrap": 1, "minimum_wrap": 1, "authority": 1})
    s.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": 1, "url": URL})
    for person, roles in ((ADMIN, "admin"), (APPROVER, "supervisor"), (REVIEWER, "reviewer")):
        if person != APPROVER or not stranger:
            s.add("op-17", "person.added", {"type": "person", "id": person, "roles": roles})
        s.sign_in(person)
    s.passkey(APPROVER)
    call = p.id_of("rec", "of before")
    s.request("1", call)
    s.prove(APPROVER, [s.approval("1", call)])
    s.listen("1", call)
    return s


FAULTS["good_log_that_begins_with_a_rebuild"] = (lambda: begins_rebuilt(), [])
FAULTS["actor_unknown_in_a_log_that_begins_with_a_rebuild"] = (lambda: begins_rebuilt(True), [f"actor_unknown: link of {APPROVER}"])


FAULTS["good_policy_of_a_restored_database"] = (lambda: replayed_policy(), [])
FAULTS["approval_age_by_a_replayed_policy"] = (lambda: younger(), ["approval_age: approved 1"])


def younger():
    """A version that came back says another age than it had."""
    s = replayed_policy(approver_age_hours=0)
    s.change("people", "people", [("person.added", {"type": "person", "id": LATE, "roles": "supervisor"}, None)])
    s.sign_in(LATE)
    s.passkey(LATE)
    s.request("1", p.id_of("rec", "call 1"))
    s.prove(LATE, [s.approval("1", p.id_of("rec", "call 1"))])
    return s


FAULTS["change_missing_policy_that_was_not_restored"] = (lambda: replayed_policy(restore=False), ["change_missing: again"])
FAULTS["change_missing_policy_with_another_text"] = (lambda: replayed_policy(sha256="ba" * 32, **{"from": p.id_of("pol", "2")}), ["change_missing: again"])
FAULTS["change_missing_policy_by_a_person"] = (lambda: replayed_policy(doer=ADMIN, **{"from": p.id_of("pol", "2")}), ["change_missing: again"])


@fault("actor_unknown: restored")
def actor_unknown_of_a_restored_log():
    s, call = granted()
    first = len(s.leaves)
    s.listen("1", call, end=False)
    s.add("n1", "log.restored", {"type": "log", "id": TENANT, "from": first, "to": len(s.leaves) - 1}, "restored")
    return s


# ---- Cases

def cases(folder):
    """Writes every export; returns what a reader must find in each."""
    found = []

    def case(name, leaves, checkpoints, codes=(), args=(), keys=(0,), notices=(), after=None, only=None, log=LOG, all_notices=None, **how):
        write_export(folder / name, leaves, checkpoints, log, **how)
        if after:
            after(folder / name)
        options = [part for n in keys for part in ("--key", vkey(n, log))] + list(args)
        found.append({"name": name, "args": options, "codes": [list(code) for code in codes], "notices": list(notices)} | ({"only": only} if only else {}) | ({"all_notices": sorted(all_notices)} if all_notices is not None else {}))

    good = good_story()
    leaves, end = raw(good), len(good.leaves)
    first, second = [SIGNERS[0]], [SIGNERS[1]]
    checkpoints = [(good.sealed, first), (good.rotated, first), (end, second)]
    case("good", leaves, checkpoints)
    (folder / "good" / "recording.txt").write_text(p.id_of("rec", "call 1"))
    case("good with two unsealed events", leaves, [(end - 2, first)], notices=["unsealed"])
    case("good with both signers", leaves, [(end, SIGNERS[:2])])
    for name, (make, codes) in FAULTS.items():
        story = make()
        at = [code.split(": ") for code in codes]
        index = {event: leaf["seq"] for event, leaf in story.named.items()}
        data = raw(story)
        case(name, data, [(len(data), first)], [(code, index[event]) for code, event in at])

    put = lambda name, data: lambda top: (top / name).write_bytes(data)
    hashes = [t.sha256(b"\0", leaf) for leaf in leaves]
    other = [t.sha256(b"\0", leaf + b" ") for leaf in leaves]
    kept = folder / "kept"
    kept.mkdir()
    (kept / "fork").write_bytes(note_of(other, 10, first))
    (kept / "longer").write_bytes(note_of(other, end, first))
    (kept / "good").write_bytes(note_of(hashes, 10, first))
    case("good with a kept checkpoint", leaves, checkpoints, args=["--kept", str(kept / "good")])
    case("fork by a kept checkpoint", leaves, checkpoints, [("fork", 10)], ["--kept", str(kept / "fork")])
    case("fork by a published checkpoint", leaves, checkpoints, [("fork", 20)], after=put("checkpoints/20", note_of(other, 20, first)))
    case("behind", leaves[:end - 9], [(end - 9, first)], [("behind", end)], ["--kept", str(kept / "longer")])
    case("signature by a stranger", leaves, checkpoints, [("signature", 20)], after=put("checkpoints/20", note_of(hashes, 20, [SIGNERS[2]])))
    case("signature that is wrong", leaves, checkpoints, [("signature", 20)], after=put("checkpoints/20", note_of(other, 20, first).replace(other_root(other), other_root(hashes))))
    case("signature on another size", leaves, checkpoints, [("signature", 21)], after=put("checkpoints/21", note_of(hashes, 20, first)))
    case("signature by a key that no trusted key sealed", leaves, [(good.sealed, first), (end, second)], [("signature", end)], notices=["unsealed"])
    case("signature by a key that a fork sealed", leaves, [(good.rotated, first), (end, second)], [("fork", good.rotated), ("signature", end)],
         after=put(f"checkpoints/{good.rotated}", note_of(other, good.rotated, first)))
    receipts = [f"Vault-Audit: {LOG} {n} {t.b64(hashes[n])}" for n in (3, 9)]
    (kept / "receipts").write_text("\n".join([*receipts, "Vault-Audit: vault.example/ten_06f2vd4000000000000000tenz 0 " + "00" * 32]) + "\n")
    (kept / "wrong").write_text(f"{receipts[0]}\nVault-Audit: {LOG} 4 {hashes[5].hex()}\nVault-Audit: {LOG} {end + 7} {hashes[5].hex()}\n")
    case("good with receipts", leaves, checkpoints, args=["--receipts", str(kept / "receipts")], notices=["other_receipts"])
    case("receipt", leaves, checkpoints, [("receipt", 4), ("receipt", end + 7)], ["--receipts", str(kept / "wrong")])
    flip = lambda name, at: lambda top: (top / name).write_bytes(bytes(byte ^ (n == at) for n, byte in enumerate((top / name).read_bytes())))
    case("hash", leaves, checkpoints, [("hash", 7)], after=flip(t.tile_path("0", 0, min(end, 256)), 7 * 32))

    long = beginning()
    for _ in range(600):
        long.add(ADMIN, "people.read", {"type": "people", "id": TENANT})
    data = raw(long)
    sealed = [(len(data), first)]
    case("good over several tiles", data, [(300, first), *sealed])
    case("tile_differs", data, sealed, [("tile_differs", 0)], after=flip(t.tile_path("1", 0, len(data) // 256), 33))
    case("tile_differs by absence", data, sealed, [("tile_differs", 256)], after=lambda top: (top / "tile/0/001").unlink())
    case("gap", data, sealed, [("gap", 512)], after=lambda top: (top / "tile/entries/001").unlink())

    old = beginning(adopt=False)
    call = old.recording("call 1")
    old.request("1", call)
    old.prove(APPROVER, [old.approval("1", call)], version=1)
    old.prove(LEAD, [assign(old, "a", call), assign(old, "b", call, instead_of=p.id_of("grt", "a"))], version=1)
    old.prove(LEAD, [assign(old, "c", call, instead_of=p.id_of("grt", "b"))])
    case("good from before checkpoints", raw(old), [(len(old.leaves), first)], notices=["no_address", "no_adoption"])
    old = beginning(adopt=False)
    old.add(APPROVER, "passkey.added", {"type": "passkey", "id": p.id_of("pky", "2"), "principal": APPROVER} | old.by(APPROVER))
    old.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": len(old.leaves), "url": URL})
    call = old.recording("call 1")
    old.request("1", call)
    old.prove(APPROVER, [old.approval("1", call)], passkey="2")
    case("good with a passkey whose first proof shows its key", raw(old), [(len(old.leaves), first)], all_notices=["before_adoption", "key_shown", "self_declared"])
    written = beginning()
    written.recording("call 1")
    written.change("1", "policy", [new_policy()])
    case("good with a policy whose text is not there", raw(written), [(len(written.leaves), first)], all_notices=["before_adoption", "link_unchecked", "alone", "not_by_change", "policy_unchecked", "self_declared"])
    for name, actor in (("a tenant that was rebuilt", "tenant.rebuilt"), ("an index that was rebuilt", "vault.rebuilt")):
        again = rebuilt("op-17", actor)
        case(f"good after {name}", raw(again), [(len(again.leaves), first)], notices=["after_rebuild"])
    tell_of_operators(case, folder, first)
    tell_of_the_deployment(case, first)
    for group in ("good", "bad"):
        for n, one in enumerate(json.loads((pathlib.Path(__file__).parent / "proofs.json").read_text())[group]):
            codes = [(each["code"], each["seq"]) for each in one["findings"]]
            only = ["approval_proof", "credential_proof"]
            data = [leaf.encode() for leaf in one["leaves"]]
            case(f"proofs {group} {n}", data, [(len(data), first)], codes, ["--url", URL], only=only)
    known_tree(folder, found)
    return found


def other_root(hashes):
    return t.b64(tree_head(hashes[:20])).encode()


def tell_of_operators(case, folder, first):
    """Changes that an operator proposed by command and signed in the console; operators and their passkeys are in the deployment's log."""
    def deployment(name, *added, passkeys=True):
        d = Story(DEPLOYMENT)
        d.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": 1, "url": URL})
        for person, object in added:
            d.add("op-17", "operator.added", {"type": "person", "id": person} | object)
            d.sign_in(person)
            if passkeys:
                d.passkey(person)
        write_export(folder / name, raw(d), [(len(d.leaves), first)], DEPLOYMENT)
        return d, ["--deployment", str(folder / name), "--key", vkey(0, DEPLOYMENT)]

    def story(d, begun=None, **how):
        s = begun or with_call(ask=False)[0]
        s.sign_ins |= {"op-17": p.id_of("sgn", "none")} | {person: d.sign_ins[person] for person in (OPERATOR, COLLEAGUE) if person in d.sign_ins}
        s.wait(10 * MINUTE)
        s.change("1", "people", [late()], proposer="op-17", **how)
        return s

    def told(name, s, args, codes=(), **more):
        case(name, raw(s), [(len(s.leaves), first)], [(code, s.named[event]["seq"]) for code, event in codes], args, **more)

    def linked(name, label, codes=(), notices=(), copied=True, principal=LEAD, tenant=TENANT, later=5 * MINUTE, restored=False):
        """A link that someone opens, and its copy in the deployment's log, which goes on for a while after it."""
        s = beginning()
        action, made, _ = new_link(s, "1", LEAD)
        s.add("op-17", action, made)
        d = Story(DEPLOYMENT)
        d.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": 1, "url": URL})
        for leaf in s.leaves:
            if leaf["action"] == action and (copied or leaf["object"]["id"] != made["id"]):
                changed = {"principal": principal, "tenant": tenant} if leaf["object"]["id"] == made["id"] else {"tenant": TENANT}
                d.at = p.ms(leaf["ts"]) - 1000
                d.add("op-17", action, leaf["object"] | changed)
        if restored:
            d.wait(MINUTE)
            d.add("op-17", "log.restored", {"type": "log", "id": "deployment", "from": 1, "to": 3})
        d.at = s.at + later
        d.add("op-17", "doctor.ran", {"type": "deployment", "id": "vault.example"})
        write_export(folder / name, raw(d), [(len(d.leaves), first)], DEPLOYMENT)
        s.add(LEAD, "sign_in.opened", {"type": "sign_in", "id": p.id_of("sgn", "linked"), "method": "link", "ends": s.time(HOUR), "link": made["id"]}, "opened")
        told(label, s, ["--deployment", str(folder / name), "--key", vkey(0, DEPLOYMENT)], codes, notices=notices)

    linked("deployment with links", "good with links in both logs")
    linked("deployment without a link", "credential by a link in one log", [("credential", "opened")], copied=False)
    linked("deployment with another's link", "credential by a link that is another's in the other log", [("credential", "opened")], principal=APPROVER)
    linked("deployment with a link of another tenant", "credential by a link that is another tenant's in the other log", [("credential", "opened")], tenant=TENANT[:-1] + "b")
    linked("deployment that ends before", "good with a deployment's log that ends before", notices=["link_unchecked"], copied=False, later=0)
    linked("deployment that lost its last events", "good with a deployment's log that lost its last events", notices=["link_unchecked"], copied=False, restored=True)
    def copied(label, act, code=None, other=None, keep=True, later=5 * MINUTE, at=0, notices=(), before=False):
        """An act of the tenant that is in both logs, and its copy, which may be another or at another time."""
        s = beginning(adopt=not before)
        action, object, _ = act(s)
        s.add("op-17", action, object, "act")
        if before:
            s.add("n1", "log.adopted", {"type": "log", "id": TENANT, "size": 1, "url": URL})
        d = Story(DEPLOYMENT)
        d.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": 1, "url": URL})
        for leaf in s.leaves:
            if leaf["action"] in ("sign_in.link_made", action) and (keep or leaf["action"] != action):
                d.at = p.ms(leaf["ts"]) - 1000 + at * (leaf["action"] == action)
                d.add("op-17", leaf["action"], leaf["object"] | ({"tenant": TENANT} if leaf["action"] != action else other or {}))
        d.at = max(d.at, s.at + later)
        d.add("op-17", "doctor.ran", {"type": "deployment", "id": "vault.example"})
        name = f"deployment of {label}"
        write_export(folder / name, raw(d), [(len(d.leaves), first)], DEPLOYMENT)
        told(label, s, ["--deployment", str(folder / name), "--key", vkey(0, DEPLOYMENT)], [(code, "act")] if code else [], notices=notices)

    def put_right(label, codes=(), notices=(), decided=True, later=5 * MINUTE, gap=HOUR, **other):
        """A tenant's clock that was put right, and what the deployment's log says of it."""
        s = beginning()
        s.wait(400 * HOUR)
        before = p.time_of(s.at)
        d = Story(DEPLOYMENT)
        d.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": 1, "url": URL})
        for leaf in s.leaves:
            if leaf["action"] == "sign_in.link_made":
                d.at = p.ms(leaf["ts"]) - 1000
                d.add("op-17", leaf["action"], leaf["object"] | {"tenant": TENANT})
        s.wait(-300 * HOUR)
        if decided:
            d.at = s.at - gap
            d.add("op-17", "clock.corrected", {"type": "log", "id": TENANT, "from": before, "to": d.time()} | other)
        s.add("op-17", "clock.corrected", {"type": "log", "id": TENANT, "from": before, "to": s.time()}, "corrected")
        d.at = s.at + later
        d.add("op-17", "doctor.ran", {"type": "deployment", "id": "vault.example"})
        name = f"deployment of {label}"
        write_export(folder / name, raw(d), [(len(d.leaves), first)], DEPLOYMENT)
        told(label, s, ["--deployment", str(folder / name), "--key", vkey(0, DEPLOYMENT)], codes, notices=["clock_corrected", *notices])

    put_right("good with a clock that was put right")
    put_right("clock_not_by_two in one log", [("clock_not_by_two", "corrected")], decided=False)
    put_right("clock_not_by_two of another time", [("clock_not_by_two", "corrected")], **{"from": p.time_of(p.ms(p.START.strftime("%Y-%m-%dT%H:%M:%S.000Z")))})
    put_right("clock_not_by_two two days later", [("clock_not_by_two", "corrected")], gap=48 * HOUR)
    put_right("good with a clock put right after the deployment's log ends", notices=["copy_unchecked"], decided=False, later=0)

    again = {"policy": p.id_of("pol", "1"), "sha256": "cd" * 32, "wrap": 1, "minimum_wrap": 1, "authority": 1}
    both = {
        "a restore": lambda s: ("log.restored", {"type": "log", "id": TENANT, "from": 3, "to": 5}, None),
        "a rebuilt tenant": lambda s: ("tenant.rebuilt", {"type": "tenant", "id": TENANT} | again, None),
        "a resumed tenant": lambda s: ("tenant.resumed", {"type": "tenant", "id": TENANT}, None),
        "a key": lambda s: new_tenant_key("material"),
        "a retired key": lambda s: ("key.retired", {"type": "key", "id": TENANT, "from": 1, "wrap": 2}, None),
    }
    for label, act in both.items():
        copied(f"good with {label} in both logs", act)
        copied(f"change_missing of {label} in one log", act, "change_missing", keep=False)
    copied("change_missing of a restore of other events", both["a restore"], "change_missing", {"to": 4})
    copied("change_missing of a key at another time", both["a key"], "change_missing", at=2 * MINUTE)
    copied("good with a copy a moment later", both["a key"], at=30_000)
    copied("good with a key in a log that goes on after the deployment's", both["a key"], keep=False, later=0, notices=["copy_unchecked"])
    copied("good with a key from before checkpoints", both["a key"], keep=False, before=True)
    theirs = opened_by_link()
    told("good with links without the deployment", theirs, [], notices=["link_unchecked"])
    own, other = (OPERATOR, {"roles": "operator", "code": "op-17"}), (COLLEAGUE, {"roles": "operator", "code": "op-18"})
    d, args = deployment("deployment", own, other)
    s = story(d, approver=COLLEAGUE, signer=OPERATOR)
    told("good with the deployment", s, args)
    told("good by the tenant's admin", story(d, approver=ADMIN, signer=OPERATOR), args)
    told("change_signature of a command", story(d, approver=COLLEAGUE, bare=True), args, [("change_signature", "approved 1")])
    told("change_signature of a command by another operator", story(d, approver=ADMIN, signer=COLLEAGUE), args, [("change_signature", "signed 1")])
    told("change_signature of a command by another key", story(d, approver=ADMIN, signer=OPERATOR, proposer_key=key_of(COLLEAGUE)), args, [("change_signature", "signed 1")])
    told("change_signature of a command by a person", story(d, approver=ADMIN, signer=PRIVACY), args, [("change_signature", "signed 1")])
    told("change_same_person of a command", story(d, approver=OPERATOR, signer=OPERATOR), args, [("change_same_person", "approved 1")])
    theirs = with_call(ask=False)[0]
    theirs.sign_ins[OPERATOR] = d.sign_ins[OPERATOR]
    theirs.change("1", "people", [late()], approver=OPERATOR)
    told("approval_role of an operator, of a person's change", theirs, args, [("approval_role", "approved 1")])
    told("approval_role of an operator, of a person's change, without the deployment", theirs, [], [("approval_role", "approved 1")], notices=["operator_unchecked"])
    told("good by a command without the deployment", story(d, approver=ADMIN, bare=True), [], notices=["self_declared"])
    told("good by a command from before checkpoints", story(d, beginning(adopt=False), approver=ADMIN, bare=True), args, notices=["no_adoption", "self_declared"])
    told("good by a command while no operator has a passkey", story(*deployment("deployment without passkeys", own, other, passkeys=False)[:1], approver=ADMIN, bare=True),
        ["--deployment", str(folder / "deployment without passkeys"), "--key", vkey(0, DEPLOYMENT)])
    d, audited = deployment("deployment with an auditor", (OPERATOR, {"roles": "auditor", "code": "op-17"}))
    told("good by a command while only an auditor has a passkey", story(d, approver=ADMIN, bare=True), audited)
    d, audited = deployment("deployment with another's auditor", own, (COLLEAGUE, {"roles": "auditor", "code": "op-18"}))
    told("approval_role of an auditor", story(d, approver=COLLEAGUE, signer=OPERATOR), audited, [("approval_role", "approved 1")])
    d, bare = deployment("deployment without codes", (OPERATOR, {"roles": "operator"}))
    told("change_signature of a command by an operator without a code", story(d, approver=ADMIN, signer=OPERATOR), bare, [("change_signature", "signed 1")])
    s.add(p.id_of("usr", "operator"), "people.read", {"type": "people", "id": TENANT})
    s.leaves[-1]["actor"]["id"] = p.id_of("usr", "nobody")
    case("actor_unknown by an operator", raw(s), [(len(s.leaves), first)], [("actor_unknown", len(s.leaves) - 1)], args)


AUDITOR, THIRD = p.id_of("usr", "an auditor"), p.id_of("usr", "a third operator")
CODES = {OPERATOR: "op-17", COLLEAGUE: "op-18", THIRD: "op-19", AUDITOR: "op-30"}


class Deployment(Story):
    """The deployment's log, of the operators named, who have passkeys: one operator adds them at once, and so no second one confirms."""

    def __init__(self, *operators, adopt=True, passkeys=True):
        super().__init__(DEPLOYMENT)
        if adopt:
            self.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": 0, "url": URL})
        for person in operators:
            action, object, name = new_operator(person)
            self.add("op-17", action, object, name)
            self.sign_in(person)
        for person in operators if passkeys else ():
            self.passkey(person)

    def by_two(self, act, approver=COLLEAGUE, signer=OPERATOR, label="1", **how):
        kind = {"operator.added": "operator", "sign_in.link_made": "link", "log.restored": "restore", "vault.rebuilding": "rebuild", "clock.corrected": "clock", "clock.confirmed": "clock"}[act[0]]
        return self.change(label, kind, [act], "op-17", approver, command=True, signer=signer, **how)


def new_operator(person, code=None, roles=None, **more):
    roles = roles or ("auditor" if person == AUDITOR else "operator")
    return "operator.added", {"type": "person", "id": person, "roles": roles, "code": code or CODES[person]} | more, f"added {person}"


def operators_link(s, person=THIRD, **more):
    action, object, name = new_link(s, "op", person)
    return action, object | {"sha256": "12" * 32} | more, name


def restored(log=TENANT, **lost):
    return "log.restored", {"type": "log", "id": log, "from": 20, "to": 30} | lost, "restored"


def rebuilding(digest="34" * 32):
    return "vault.rebuilding", {"type": "tenant", "id": TENANT, "sha256": digest}, "rebuilding"


def clock_of_tenant(s):
    return "clock.corrected", {"type": "log", "id": TENANT, "from": s.time(HOUR), "to": s.time()}, "clock"


def clock_confirmed(s):
    return "clock.confirmed", {"type": "node", "id": "n1", "from": s.time(-96 * HOUR), "to": s.time()}, "gap"


def tell_of_the_deployment(case, first):
    """Changes of the deployment itself, in its log: adding operators, their links, restoring a tenant's log, rebuilding its index."""
    quiet = ["self_declared", "alone"]

    def told(name, s, *codes, notices=None, **more):
        at = [code.split(": ") for code in codes]
        case("deployment: " + name, raw(s), [(len(s.leaves), first)], [(code, s.named[event]["seq"]) for code, event in at], log=DEPLOYMENT, all_notices=notices, **more)

    def three(**how):
        return Deployment(OPERATOR, COLLEAGUE, THIRD, **how)

    def two(act=None, people=(OPERATOR, COLLEAGUE, THIRD), **how):
        s = Deployment(*people)
        s.by_two(act or restored(), **how)
        return s

    def bare(act, *people, **more):
        s = Deployment(*(people or (OPERATOR, COLLEAGUE)))
        action, object, name = act(s) if callable(act) else act
        s.add("op-17", action, object | more, name)
        return s

    # Honest histories, with no other notices.
    told("good first days, all by one", Deployment(OPERATOR, COLLEAGUE, AUDITOR), notices=quiet)
    s = Deployment(OPERATOR, COLLEAGUE)
    s.by_two(new_operator(THIRD), label="person")
    s.by_two(operators_link(s), label="link")
    s.by_two(restored(), label="log")
    s.by_two(restored(lost=40), label="cut log")
    s.by_two(rebuilding(), label="rows")
    told("good, each kind by two", s, notices=quiet)
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("op-17", "sign_in.link_made", {"type": "link", "id": p.id_of("lnk", "tenant"), "principal": LEAD, "expires": s.time(HOUR), "tenant": TENANT})
    s.add(ADMIN, "person.off", {"type": "person", "id": REVIEWER, "tenant": TENANT})
    s.add("op-17", *new_tenant_key()[:2])
    s.add("op-17", "key.retired", {"type": "key", "id": TENANT, "from": 1, "wrap": 2})
    s.leaves[-3]["actor"]["type"] = "person"
    told("good copies of a tenant's acts", s, notices=quiet)
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("op-17", *restored("deployment", **{"from": 3, "to": 5})[:2])
    s.add("op-17", "tenant.rebuilt", {"type": "tenant", "id": TENANT, "policy": p.id_of("pol", "1"), "sha256": "cd" * 32, "wrap": 1, "minimum_wrap": 1, "authority": 1})
    told("good of what needs no change", s, notices=[*quiet, "not_by_change", "restored"])
    told("good within a day", two(wait=24 * HOUR), notices=quiet)
    told("good, cut before it took effect", two(end=None), notices=quiet)
    told("good link for who proposed it", two(operators_link(three(), OPERATOR)), notices=quiet)
    told("good while only an auditor had a passkey", bare(rebuilding(), OPERATOR, AUDITOR), notices=quiet)
    told("good while no one had a passkey", Deployment(OPERATOR, COLLEAGUE, THIRD, passkeys=False), notices=quiet)
    s = Deployment(OPERATOR)
    s.add("op-17", *new_operator(COLLEAGUE, "op-17"))
    s.sign_in(COLLEAGUE)
    s.passkey(COLLEAGUE)
    s.add("op-17", *restored())
    told("good while only another account of the same code had one", s, notices=quiet)
    s = three(adopt=False)
    s.add("op-17", *rebuilding())
    s.add("n1", "log.adopted", {"type": "log", "id": "deployment", "size": len(s.leaves), "url": URL})
    told("good from before checkpoints", s, notices=["self_declared", "before_adoption"])

    s = Deployment(OPERATOR, COLLEAGUE)
    s.wait(240 * HOUR)
    back(s, 239 * HOUR, mark={"alone": 1})
    s.sign_in(OPERATOR, "passkey")
    s.sign_in(COLLEAGUE, "passkey")
    s.by_two(clock_of_tenant(s), label="clock")
    s.by_two(clock_confirmed(s), label="gap")
    told("good clocks by two, after the deployment's own by one", s, notices=[*quiet, "clock_corrected"])
    told("good clock while no one else could confirm", bare(clock_of_tenant, OPERATOR), notices=quiet)
    told("clock_not_by_two", bare(clock_of_tenant), "clock_not_by_two: clock")
    told("clock_not_by_two, alone", bare(clock_of_tenant, alone=1), "clock_not_by_two: clock")
    told("clock_not_by_two, a gap", bare(clock_confirmed), "clock_not_by_two: gap")
    told("time, by the correction of a tenant's log", bare(lambda s: s.wait(-HOUR) or clock_of_tenant(s), OPERATOR), "time: clock")

    # Without a change.
    for kind, act in (("operator", new_operator(THIRD)), ("link", lambda s: operators_link(s, COLLEAGUE)), ("restore", restored()), ("rebuild", rebuilding())):
        event = act[2] if isinstance(act, tuple) else "link op"
        told(f"change_missing, {kind}", bare(act), f"change_missing: {event}")
        told(f"change_missing, {kind} alone", bare(act, alone=1), f"change_missing: {event}")
    told("change_missing alone, though no one else could confirm", bare(restored(), OPERATOR, alone=1), "change_missing: restored", notices=quiet)
    told("change_missing, of an auditor", bare(new_operator(AUDITOR)), f"change_missing: added {AUDITOR}")
    told("change_missing, link of a person of the deployment that names a tenant", bare(lambda s: operators_link(s, COLLEAGUE, tenant=TENANT)), "change_missing: link op")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add(OPERATOR, *new_operator(THIRD))
    told("change_missing, by no command", s, f"change_missing: added {THIRD}")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("n1", *restored())
    told("change_missing, by the process", s, "actor_unknown: restored", "change_missing: restored")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("op-17", "person.added", {"type": "person", "id": THIRD, "roles": "operator", "code": "op-19"}, "person")
    told("place, an operator by another event", s, "place: person")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", COLLEAGUE), "principal": COLLEAGUE})
    s.add("op-17", *restored())
    told("change_missing, after the other's passkey was removed", s, "change_missing: restored")
    s = three()
    s.wait(3 * HOUR)
    s.add("n1", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", COLLEAGUE), "principal": COLLEAGUE}, "removed")
    action, added, name = further(COLLEAGUE)
    s.add(COLLEAGUE, action, added | s.by(COLLEAGUE), name)
    told("credential_proof, an operator's passkey replaced in an old sign-in", s, "credential: removed", "credential_proof: later")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.add("op-17", "person.off", {"type": "person", "id": COLLEAGUE})
    s.add("op-17", *restored())
    told("change_missing, after the other was deactivated", s, "change_missing: restored")
    told("good while it waits for the approval", two(approve=False), notices=quiet)
    s = three()
    change = s.by_two(restored(), approve=False)
    s.add("op-17", "log.restored", restored()[1] | {"change": change}, "restored")
    told("change_missing, acted before the approval", s, "change_missing: restored")
    s = three()
    s.add("op-17", "log.restored", restored()[1] | {"change": p.id_of("chg", "none")}, "restored")
    told("change_missing, never proposed", s, "change_missing: restored")
    told("change_missing, a day later", two(wait=24 * HOUR + 2 * MINUTE), "change_missing: restored")
    told("change_missing, by another code", two(doer="op-18"), "change_missing: restored")
    told("change_missing, by the process on a change", two(rebuilding(), doer="n1"), "change_missing: rebuilding")

    s = Deployment(OPERATOR, COLLEAGUE)
    action, link, _ = operators_link(s, tenant=TENANT)
    s.add("op-17", action, link)
    s.by_two(new_operator(THIRD))
    s.add(THIRD, "sign_in.opened", {"type": "sign_in", "id": p.id_of("sgn", "copy"), "method": "link", "ends": s.time(HOUR), "link": link["id"]}, "opened")
    s.named["opened"]["actor"]["type"] = "person"
    told("credential, by the copy of a tenant's link", s, "credential: opened")

    # Who approves.
    told("change_same_person", two(approver=OPERATOR), "change_same_person: approved 1")
    told("change_same_person, for whom it is", two(operators_link(three(), COLLEAGUE)), "change_same_person: link op")
    s = Deployment(OPERATOR)
    s.add("op-17", *new_operator(THIRD, "op-17"))
    s.sign_in(THIRD)
    s.passkey(THIRD)
    s.by_two(restored(), THIRD)
    told("change_same_person, by another account of the same code", s, "change_same_person: approved 1")
    told("approval_role of an auditor", two(people=(OPERATOR, COLLEAGUE, AUDITOR), approver=AUDITOR), "approval_role: approved 1")
    s = two(rebuilding())
    s.named["approved 1"]["actor"]["type"] = "person"
    told("approval_role of a person", s, "approval_role: approved 1")
    s = three()
    action, object, name = new_operator(LEAD, "op-40", "privacy")
    s.by_two((action, object, name), label="0")
    s.sign_in(LEAD)
    s.passkey(LEAD)
    s.by_two(restored(), LEAD)
    for leaf in s.leaves:
        if leaf["actor"]["id"] == LEAD:
            leaf["actor"]["type"] = "person"
    told("approval_role of a person with a tenant's role", s, f"change_missing: made link of {LEAD}", "approval_role: approved 1")
    s = three()
    s.change("1", "restore", [restored()], OPERATOR, COLLEAGUE, doer=OPERATOR)
    told("approval_role, not proposed by a command", s, "approval_role: approved 1", "actor_unknown: restored")
    s = three()
    s.add("op-17", "person.off", {"type": "person", "id": COLLEAGUE})
    s.by_two(restored())
    told("actor_off of the approver", s, "actor_off: approved 1")
    s = Deployment(COLLEAGUE)
    s.add("op-18", *new_operator(OPERATOR))["actor"]["id"] = COLLEAGUE
    told("actor_unknown, a command by the id of the only operator", s, f"actor_unknown: added {OPERATOR}")
    s = Deployment(OPERATOR, COLLEAGUE)
    s.sign_ins[THIRD] = p.id_of("sgn", "none")
    s.by_two(restored(), THIRD)
    told("actor_unknown of the approver", s, *(f"{code}: approved 1" for code in ("actor_unknown", "credential", "approval_role", "change_signature")))
    s = two()
    del s.named["approved 1"]["object"]["sign_in"]
    told("credential of the approver", s, "credential: approved 1")

    # Signatures.
    told("change_signature of the approver by another key", two(key=key_of(THIRD)), "change_signature: approved 1")
    told("change_signature of the operator by another key", two(proposer_key=key_of(THIRD)), "change_signature: signed 1")
    told("change_signature by another operator", two(signer=THIRD), "change_signature: signed 1")
    told("change_signature by the approver alone", two(bare=True), "change_signature: approved 1")
    told("change_signature without any", two(signed=False), "change_signature: approved 1")
    told("change_differs and change_signature without any", two(signed=False, lines=["log.restored"]), "change_signature: approved 1", "change_differs: applied 1")
    s = three()
    s.by_two(restored(), label="0")
    s.by_two(rebuilding())
    s.named["approved 1"]["object"] |= {name: s.named["approved 0"]["object"][name] for name in ("key", "authenticator", "client", "signature")}
    told("change_signature of another proposal", s, "change_signature: approved 1")
    s.named["approved 1"]["object"]["of"] = s.named["approved 0"]["object"]["of"]
    told("change_signature that names another proposal", s, "change_signature: approved 1")
    s = three()
    s.add("op-17", "passkey.removed", {"type": "passkey", "id": p.id_of("pky", COLLEAGUE), "principal": COLLEAGUE})
    s.wait(MINUTE)
    s.by_two(restored())
    told("change_signature by a removed passkey", s, "change_signature: approved 1")
    told("approval_closed, expired", two(expires=HOUR, late=2 * HOUR), "approval_closed: approved 1")

    # What was done.
    told("change_differs, another person", two(new_operator(LATE, "op-40"), lines=[line_of(*new_operator(LEAD, "op-40")[:2])]), "change_differs: applied 1")
    told("change_differs, another role", two(new_operator(LATE, "op-40"), lines=[line_of(*new_operator(LATE, "op-40", "auditor")[:2])]), "change_differs: applied 1")
    told("change_differs, another code", two(new_operator(LATE, "op-40"), lines=[line_of(*new_operator(LATE, "op-41")[:2])]), "change_differs: applied 1")
    told("change_differs, without the code", two(new_operator(LATE, "op-40"), lines=[f"operator.added {LATE} operator"]), "change_differs: applied 1")
    told("change_differs, for another", two(operators_link(three()), lines=[line_of(*operators_link(three(), OPERATOR)[:2])]), "change_differs: applied 1")
    told("change_differs, more lost", two(restored(lost=40), lines=[line_of(*restored(lost=50)[:2])]), "change_differs: applied 1")
    told("change_differs, lost though nothing should be", two(restored(lost=40), lines=[line_of(*restored()[:2])]), "change_differs: applied 1")
    told("change_differs, another tenant", two(restored(), lines=[line_of(*restored(TENANT[:-1] + "b")[:2])]), "change_differs: applied 1")
    told("change_differs, other keys", two(rebuilding(), lines=[line_of(*rebuilding("56" * 32)[:2])]), "change_differs: applied 1")
    told("change_differs, but it expired", two(end="change.expired"), "change_differs: applied 1")
    s = two()
    s.add("op-17", "log.restored", restored()[1] | {"change": p.id_of("chg", "1")}, "again")
    told("change_differs, twice", s, "change_differs: again")
    s = three()
    s.change("1", "restore", [rebuilding()], "op-17", COLLEAGUE, command=True, signer=OPERATOR)
    told("change_differs, an act of another kind", s, "change_differs: rebuilding", "change_differs: applied 1")


def known_tree(folder, found):
    """The tree, notes and keys of tlog.json."""
    known = json.loads((pathlib.Path(__file__).parent / "tlog.json").read_text())
    data = [t.leaf(n) for n in range(1000)]
    top = folder / "the tree of tlog.json"
    write_export(top, data, [(1000, [bytes.fromhex(known["signer"]["seed"])])], known["log"])
    for size, note in known["checkpoints"].items():
        (top / "checkpoints" / size).write_text(note)
    (top / "checkpoint").write_text(known["checkpoint_of_two_signers"])
    assert all(hashlib.sha256((top / each["path"]).read_bytes()).hexdigest() == each["sha256"] for each in known["tiles"] if (top / each["path"]).exists())
    found.append({"name": "the tree of tlog.json", "args": ["--key", known["signer"]["verifier"]], "codes": [], "notices": ["no_adoption"]})


# ---- A large log

def large(folder, events):
    """Streams a good log: listening, assignments and uploads by turns, with a checkpoint every 1,000 events."""
    s, edge, rows, bundle, number = beginning(), [], [[]], [], 0
    put = lambda path, data: (folder / path).parent.mkdir(parents=True, exist_ok=True) or (folder / path).write_bytes(data)
    seal = t.signer(LOG, SIGNERS[0])[1]
    sizes, round = 0, 0

    def row(level, node, size):
        if level == len(rows):
            rows.append([])
        rows[level].append(node)
        if len(rows[level]) == 256:
            put(t.tile_path(str(level), size >> 8 * (level + 1), 256), b"".join(rows[level]))
            rows[level] = []

    while number < events:
        if not s.leaves:
            round += 1
            call = s.recording(f"call {round}")
            if round % 4 == 0:
                label = f"g{round}"
                s.request(label, call)
                s.prove(APPROVER, [s.approval(label, call)])
                s.listen(label, call, minutes=10, wait=MINUTE)
            if round % 500 == 0:
                for person in (ADMIN, APPROVER, REVIEWER):
                    s.add(person, "sign_in.ended", {"type": "sign_in", "id": s.sign_ins[person], "principal": person, "reason": "expired"})
                    s.sign_in(person, "link" if person == REVIEWER else "passkey")
        for leaf in s.leaves:
            data = t.canonical(leaf)
            bundle.append(data)
            node, height = t.sha256(b"\0", data), 0
            row(0, node, number)
            while height < len(edge) and edge[height]:
                node, edge[height], height = t.sha256(b"\1", edge[height], node), None, height + 1
                if height % 8 == 0:
                    row(height // 8, node, number)
            edge[height:height + 1] = [node]
            number += 1
            if len(bundle) == 256:
                put(t.tile_path("entries", number // 256 - 1, 256), t.bundle(0, 256, bundle))
                bundle = []
            if number % 1000 == 0 or number >= events and leaf is s.leaves[-1]:
                root = None
                for each in edge:
                    root = root if each is None else each if root is None else t.sha256(b"\1", each, root)
                text = f"{LOG}\n{number}\n{t.b64(root)}\n"
                put(f"checkpoints/{number}", (text + "\n" + seal(text)).encode())
                put("checkpoint", (text + "\n" + seal(text)).encode())
        s.before, s.leaves = s.seq(), []
    if bundle:
        put(t.tile_path("entries", number // 256, len(bundle)), t.bundle(0, len(bundle), bundle))
    for level, nodes in enumerate(rows):
        if nodes:
            put(t.tile_path(str(level), number >> 8 * (level + 1), len(nodes)), b"".join(nodes))
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--events", type=int)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.events:
        print(large(options.folder, options.events), vkey(0))
    else:
        (options.folder / "cases.json").write_text(json.dumps(cases(options.folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
