#!/usr/bin/env python3
"""Checks an exported audit log of callvault without callvault. log.md, beside this file, explains how to run it and what it proves.

It reads the export once, from the first event to the last, and keeps a few values for each person, credential, request, grant and
recording. The parts below, in order: bytes and times, signatures, the tree, the events' rules, the report. Exit status: 0 no
findings, 1 findings, 2 wrong call or unreadable export. Long because it is one file that a stranger reads from top to bottom.
"""
import argparse, base64, collections, datetime, hashlib, json, os, pathlib, re, sys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

MINUTE, MOST_SHOWN, ALPHABET = 60_000, 10_000, "0123456789abcdefghjkmnpqrstvwxyz"
TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z")
EVENT_ID, DETAIL = re.compile("evt_[0-7][0-9a-hjkmnp-tv-z]{25}"), re.compile("sha256:[0-9a-f]{64}")
TILE = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
MEMBER = re.compile("[A-Za-z][A-Za-z0-9_]*")
NEEDED = set("action actor id log node object outcome seq ts v".split())
SIGNED = {1: ("recording", "person", "purpose", "objects", "minutes", "opens_until")}  # what a passkey signs of a decision, after its id, by version
SIGNED[2] = (*SIGNED[1], "instead_of", "extension")
# The table of log.md, one event a line: the log (tenant, deployment, both, either, own), the action, the types of its object, its members. "?": may
# be absent; "#" a number, "@" a time, "%" SHA-256 in hex, "&" base64, "+" an id or a list of ids, else a text. Capitals: members that many have.
MEMBERS = {"BY": "change? alone?#", "WHO": "api_key? sign_in?", "ENTRY": "subject? n?# entry?%", "SOURCE": "request? batch?",
    "PROVEN": "person? purpose? opens_until?@ proof? why?", "ASSERTION": "key& authenticator& client& signature&",
    "SIGNED": "of?# passkey? key?& authenticator?& client?& signature?&", "WINDOW": "window?@ counted?# before?#"}
TABLE = """
t deposit.started deposit recording object from? why?
t deposit.committing deposit recording
t deposit.available deposit recording object
t deposit.aborting deposit recording why
t deposit.aborted deposit recording
t recording.created recording again?#
t recording.amended recording set withdrawal? BY ENTRY WHO
t recording.listed tenant source rows# recordings?+ listed# unlisted# amended#
t recording.missing tenant source recordings+
t recording.read recording WHO
t recording.searched catalogue by WHO
t search.limited catalogue budget? misses?# WINDOW
t catalogue.read catalogue WINDOW
t recording.reencrypted recording object from to
t recording.row_differs recording differs
t recording.quarantined recording reason
t recording.released recording reason depositor? BY
t recording.erasing recording,tenant recordings?+ reason cause? kept_until?@ clock_since?@ BY
t recording.erased recording,tenant recordings?+ begun# database
t tombstone.listed tenant erased# left#
t amendment.replayed recording,tenant,hold event recordings?+ ENTRY
t tombstone.replayed recording event
t access.requested request recording purpose objects minutes# approvals# policy why? WHO
t access.read requests,recording,policy,events why? WINDOW
t access.approved request recording approvals# minutes# objects grant? expires?@ extend_minutes?# uses?# extension? PROVEN WHO
t access.denied request recording PROVEN WHO
o proof.given proof decisions# passkey ASSERTION
t access.assigned grant recording minutes# objects extend_minutes?# uses?# batch instead_of? PROVEN WHO
t access.cancelled request recording why? WHO
t access.expired request recording why?
t grant.revoked grant recording SOURCE why? WHO
t grant.extended grant recording SOURCE expires@ WHO
t grant.done grant recording batch WHO
t grant.returned grant recording batch WHO
t batch.withdrawn batch WHO
t batch.closed batch WHO
t grant.expired grant recording
t session.opened session grant? SOURCE change? recording purpose policy ends@ consent? WHO
t session.read session recording WINDOW
t session.ended session grant? change? recording reason ranges# bytes# heard_ms?# seconds# unwraps?#
t content.refused grant,session WINDOW
t activity.read recording why WINDOW
t comment.added comment recording session visibility ENTRY
t comment.changed comment recording session visibility ENTRY
t comment.removed comment recording session visibility ENTRY
t comment.filed comment recording visibility ENTRY
t comment.read recording why WINDOW
t notice.added notice version# language ENTRY WHO
t consent.withdrawn withdrawal at@ purposes? ENTRY WHO
t recording.restricted recording ground ENTRY WHO
t recording.unrestricted recording ENTRY BY
o people.read people WINDOW
t person.added person owners?+ roles trained_until? BY
t person.changed person was? roles back?# trained_until? BY
t service.added service owners?+ roles BY
d operator.added person roles code? BY
b person.off person,service tenant?
t api_key.created api_key principal scopes expires@ BY
t api_key.read api_keys WINDOW
o api_key.revoked api_key principal
t api_key.refused api_key principal cause WINDOW
b sign_in.link_made link principal expires@ tenant? sha256?% BY
o sign_in.opened sign_in method ends@ link? passkey? sha256?%
o sign_in.stepped_up sign_in passkey
o sign_in.refused link,passkey WINDOW
o sign_in.ended sign_in principal reason
o passkey.added passkey principal key?& sign_in? proof? sha256?%
o passkey.removed passkey principal
o change.read changes,settings,policies,retention,notices,withdrawals WINDOW
e change.proposed change kind base% effects% expires@ sha256?% WHO
e change.signed change kind of# passkey? ASSERTION WHO
e change.approved change kind SIGNED WHO
e change.refused change kind WHO
e change.withdrawn change kind WHO
e change.expired change kind
e change.applied change kind
t team.changed team members# queues# sha256?% parts?% removed? WHO BY
t tenant.changed tenant settings sha256% BY ENTRY
t retention.changed retention from? sha256% BY ENTRY
t retention.applied retention
t expiry.braked expiry due# most# differing?#
t expiry.paused expiry
t expiry.resumed expiry BY
t hold.read holds,hold WINDOW
t hold.placed hold WHO ENTRY
t hold.covered hold recordings+ WHO ENTRY
t hold.lifted hold recordings?+ BY ENTRY
t subject.read subjects,subject WINDOW
t subject.opened subject kinds received@ due@ WHO
t subject.identified subject WHO
t subject.searched subject found# WHO
t subject.extended subject due@ WHO
t subject.proposed subject proposal WHO
t subject.doing subject BY
t subject.stayed subject recordings+ instead BY
t subject.copies subject recordings+ officer hours# downloads# BY
t subject.downloaded subject proposal left# WHO
t subject.copies_ended subject proposal why WHO
t subject.refused subject BY
t subject.answered subject WHO
t certificate.issued certificate erased# sha256% cause? WHO
d key.read keys WINDOW
t key.used key why recording? deposit? WINDOW
b key.rotated key how wrap# key from? BY
t key.rewrapped key run count# from# wrap# how use? deposits?%
t key.reported key run wrap# count# complete# report%
b key.retired key from# wrap# BY
t ingest_key.created ingest_key how public& replaces?
t ingest_key.retired ingest_key last_file?@
o authority.refused
  principal,api_key,sign_in,sign_in_link,passkey,policy,access_request,decision,access_grant,session,change,team,team_member,team_queue,batch,retention
  WINDOW
t authority.adopted tenant rows# sha256%
d tenant.creating tenant
d tenant.keyed tenant policy
b tenant.created tenant admin policy sha256% authority?#
b tenant.suspended tenant
b tenant.resumed tenant
b tenant.rebuilt tenant policy sha256% wrap# minimum_wrap# authority#
t policy.changed policy from sha256% api_key_decisions? approver_age_hours?# BY ENTRY
t vault.verified tenant deposits# opened# not_checked# quarantined# released# findings# blob_missing?# blob_size?# blob_damaged?#
  blob_swapped?# blob_behind?# blob_unknown?# envelope_missing?# envelope_damaged?# envelope_swapped?# envelope_differs?# envelope_behind?#
  envelope_unknown?# row_behind?# row_incomplete?# key_refused?# tenant_blob_missing?# tenant_blob_damaged?# tenant_blob_swapped?#
  tenant_blob_differs?# tenant_blob_behind?# tenant_row_behind?# tenant_key_refused?# tenant_kek_missing?# tenant_kek_damaged?#
  tenant_kek_differs?# ingest_key_missing?# ingest_key_damaged?# ingest_key_differs?# ingest_key_behind?# ingest_key_unknown?#
  ingest_key_forged?# amendment_missing?# amendment_damaged?# amendment_forked?# amendment_unknown?# amendment_without_row?#
  amendment_behind?# amendment_differs?# facts_differ?# comment_differs?# settings_differ?# hold_differs?# not_erased?# log_damaged?# row_differs?#
  detail_missing?# lifetime_differs?# mark_differs?# tombstone_missing?# tombstone_damaged?# tombstone_differs?#
t vault.swept tenant blobs# envelopes# entries?# bytes#
d vault.rebuilding tenant sha256% BY
d vault.restoring deployment backup@
b vault.restored tenant backup@ last_event@ newest_blob?@ rpo# erased# entries# without_rows# problems#
b vault.drilled tenant backup@ last_event@ newest_blob?@ rpo# rto# opened# unwraps# problems#
t vault.rebuilt tenant wrap# recordings# deposits# erased?# entries?# ids%
d doctor.ran deployment
t exposure.read person,api-key,key,node since@ until@
o log.read log WINDOW
o log.adopted log size# url? rules?#
b log.restored log from# to# lost?# BY
b clock.corrected log from@ to@ BY
d clock.confirmed node from@ to@ BY
o signer.added log key&
"""
KINDS = {"": lambda value: type(value) is str, "#": lambda value: type(value) is int, "+": lambda value: type(value) is not int,
    "@": lambda value: type(value) is str and TIME.fullmatch(value) and is_date(value), "%": lambda value: type(value) is str and re.fullmatch("[0-9a-f]{64}", value),
    "&": lambda value: type(value) is str and re.fullmatch("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", value)}

def read_table():  # {action: (log, types, {member: (kind, whether it may be absent)})}
    found = {}
    for line in TABLE.replace("\n  ", " ").strip().split("\n"):
        log, action, types, *members = line.split()
        written = " ".join(MEMBERS.get(one, one) for one in members).split()
        found[action] = (log, types.split(","), {re.match(r"\w+", one)[0]: (one[-1] if one[-1] in KINDS else "", "?" in one) for one in written})
    return found

EVENTS = read_table()
DECISIONS = {"access.approved", "access.denied", "access.assigned"}
NAMES_CREDENTIAL = DECISIONS | {"access.requested", "access.cancelled", "grant.revoked", "grant.extended", "grant.done", "grant.returned",
    "batch.withdrawn", "notice.added", "consent.withdrawn", "recording.restricted", "session.opened", "hold.placed", "hold.covered", "change.proposed", "change.signed", "change.approved", "change.refused", "change.withdrawn"}
SCOPES = {"access.approved": "decide", "access.denied": "decide", "access.requested": "request", "session.opened": "listen"}  # of API keys
READS = {"recording.read", "recording.searched", "certificate.issued"}  # without a lock on the credential
THEIRS = DECISIONS | READS | {"access.requested", "session.opened", "grant.extended", "grant.done", "grant.returned", "sign_in.opened",
    "sign_in.stepped_up", "passkey.added", "proof.given", "consent.withdrawn", "recording.restricted", "recording.listed"}  # what people and services do, never a process, nor an operator by command
BY_PEOPLE = {"notice.added", "change.proposed", "change.signed", "change.approved", "change.refused", "change.withdrawn"}  # and by operators, never by a process
OF_TENANT = {"tenant.created", "tenant.rebuilt", "tenant.suspended", "tenant.resumed", "recording.listed", "recording.missing"}  # in a tenant's log of its own tenant alone
BY_OPERATORS = {"log.restored", "vault.rebuilt", "tenant.rebuilt"}
LATER_NAMING = {"recording.amended"}  # people name it too, once the log says so (`rules` of log.adopted) or an earlier one did; without a lock
USES = {"access.requested", "access.approved", "access.assigned", "session.opened", "grant.extended", "deposit.started", "deposit.committing",
    "deposit.available", "recording.amended", "recording.reencrypted", "recording.read", "recording.restricted",
    "recording.unrestricted", "comment.added", "comment.changed"}
UNDER_LOCK = DECISIONS | {"access.requested", "session.opened", "grant.extended", "grant.done", "grant.returned"}
LEFT = {"access.approved", "access.assigned", "session.opened", "recording.erasing"}  # what matters of a wrong time
UPLOADS_END = {"deposit.committing", "deposit.available", "deposit.aborting", "deposit.aborted"}
BY_TWO = {"person.added", "person.changed", "team.changed", "tenant.changed", "policy.changed", "recording.released",
    "retention.changed", "expiry.resumed", "hold.lifted", "recording.unrestricted", "lease.granted",
    "subject.doing", "subject.refused", "subject.stayed", "subject.copies"}
ACTS = {"settings": {"tenant.changed", "policy.changed"}, "policy": {"policy.changed"}, "people": {"person.added", "person.changed"},
    "team": {"team.changed"}, "release": {"recording.released"}, "link": {"sign_in.link_made"}, "api_key": {"api_key.created"},
    "service": {"service.added"}, "erase": {"recording.erasing"}, "key": {"key.rotated", "key.retired"},
    "operator": {"operator.added"}, "restore": {"log.restored"}, "rebuild": {"vault.rebuilding"}, "clock": {"clock.corrected", "clock.confirmed"},
    "retention": {"retention.changed"}, "resume": {"expiry.resumed"},
    "lift": {"hold.lifted", "recording.unrestricted"}, "lease": {"lease.granted"},
    "answer": {"subject.doing", "subject.stayed", "subject.refused", "subject.copies", "recording.erasing", "recording.amended"}}  # what a change of a kind does
CARRIED_OUT = {"link", "api_key", "service", "erase", "key", "operator", "restore", "rebuild", "clock"}  # by the command that proposed it
COMMANDS_BY_TWO = {"sign_in.link_made", "api_key.created", "service.added", "recording.erasing", "key.rotated", "key.retired"}  # what commands do on a tenant
OF_DEPLOYMENT = {"operator.added", "sign_in.link_made", "log.restored", "vault.rebuilding", "clock.corrected", "clock.confirmed"}  # in its log, by two
DANGEROUS = {"service.added", "operator.added", "sign_in.link_made", "api_key.created", "key.rotated", "key.retired", "recording.erasing",
    "signer.added", "log.restored", "vault.rebuilt", "tenant.rebuilt"}
COPIED = {"log.restored": ("from", "to", "lost"), "tenant.rebuilt": ("policy", "sha256", "wrap"), "tenant.resumed": (),
    "key.rotated": ("how", "wrap", "key", "from"), "key.retired": ("from", "wrap")}  # what a tenant's event and its copy in the deployment's log share
NOTICES = {
    "unsealed": "events are after the newest checkpoint: nothing proves yet that they stay",
    "before_adoption": "events are from before the log had checkpoints: nothing proves when they were written",
    "no_adoption": "the log does not say when checkpoints began; the rules of older events were applied to all",
    "no_address": "proofs by passkey were checked without the service's address, which this log does not name",
    "restored": "events between the bounds of a log.restored were inserted again",
    "self_declared": "events are by operators who are known only by the staff code that they typed",
    "by_key": "decisions were made with an API key, without a passkey",
    "approval_link": "decisions were made by people named with the tenant, right after a sign-in link and without a passkey",
    "alone": "changes were made by one person because no second one could confirm yet",
    "not_by_change": "dangerous actions name no change that two people approved",
    "change_unsigned": "changes were approved without signatures by passkey in the log",
    "release_differs": "releases took effect for other recordings than proposed: some may no longer have been releasable",
    "after_rebuild": "the index was rebuilt: recordings and uploads from before it have no events of their own here",
    "operator_unchecked": "operators' sign-ins and passkeys need the deployment's log (--deployment)",
    "link_unchecked": "sign-ins are by links whose copies are in the deployment's log, which was not compared (--deployment)",
    "copy_unchecked": "restores, rebuilds, corrections of the clock and changes of the key are in the deployment's log too, which was not compared (--deployment)",
    "policy_unchecked": "versions of the policy were not read: whether requests and grants are within them was not checked",
    "key_shown": "passkeys are from before events had their keys: the key of each is the one that its first use showed",
    "copies_unbounded": "copies of subject requests were made on decisions of earlier versions, which name no officer, end or number",
    "ended_late": "sessions ended, or are still open, more than ten minutes after their time: the work in the background may have stopped",
    "clock_corrected": "a wrong clock was put right: events before it may have times that never were",
    "wrong_time": "sessions, grants and erasures are from a wrong time, which ended with a clock.corrected",
    "unknown_action": "events have an action that this program does not know",
    "other_receipts": "receipts are of other logs and were not checked",
}

class Unusable(Exception): pass

# ---- Bytes and times

def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()
def b64(data): return base64.b64encode(data).decode()
def url64(data): return base64.urlsafe_b64encode(data).decode().rstrip("=")
def canonical(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def listed(value): return [one for one in value.split(",") if one] if isinstance(value, str) else list(value or [])

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if b64(data) != text: raise ValueError("base64 is not in its one form")
    return data

def ms(time):
    if not TIME.fullmatch(time): raise ValueError("not a time")
    return round((datetime.datetime.fromisoformat(time[:-1]) - datetime.datetime(1970, 1, 1)) / datetime.timedelta(milliseconds=1))

def is_date(time):  # the 30th of February is none
    try: return ms(time) is not None
    except ValueError: return False

def id_ms(id):  # the first 48 bits of a UUIDv7 are milliseconds
    number = 0
    for character in id.split("_")[1]: number = number * 32 + ALPHABET.index(character)
    return number >> 80

def read_file(path):
    try: return pathlib.Path(path).read_bytes()
    except OSError as error: raise Unusable(f"{path} cannot be read: {error.strerror}")

# ---- Signatures: C2SP signed-note and tlog-checkpoint; WebAuthn assertions

def verifier(name, keyed):  # the id that signatures name, and the Ed25519 key
    if len(keyed) != 33 or keyed[0] != 1: raise ValueError("not an Ed25519 key")
    return sha256(name.encode(), b"\n", keyed)[:4], ed25519.Ed25519PublicKey.from_public_bytes(keyed[1:])

def parse_vkey(text):  # <name>+<key id in hex>+<base64 of 0x01 and the key>
    try:
        name, id, keyed = text.split("+", 2)
        found = verifier(name, unbase64(keyed))
        if found[0].hex() != id: raise ValueError
        return name, found
    except ValueError: raise Unusable(f"--key {text} is not a verifier key of a signed note")

Note = collections.namedtuple("Note", "file log size root text signatures")

def parse_note(data, file):  # None if it is not a checkpoint of three lines
    try:
        text, signatures = data.decode().rsplit("\n\n", 1)
        log, size, root = text.split("\n")
        lines = [line.split(" ") for line in signatures.removesuffix("\n").split("\n")]
        given = [(name, unbase64(value)) for _, name, value in lines]
        if not re.fullmatch(r"0|[1-9]\d{0,14}", size) or len(unbase64(root)) != 32 or signatures[-1:] != "\n": return None
        if any(dash != "\u2014" for dash, _, _ in lines): return None
        return Note(file, log, int(size), unbase64(root), (text + "\n").encode(), given)
    except (ValueError, AttributeError): return None

def signers(note, keys):  # ids of the keys that signed; one wrong signature by a known key spoils the note
    signed = set()
    for name, value in note.signatures:
        if name != note.log or value[:4] not in keys: continue
        try: keys[value[:4]].verify(value[4:], note.text)
        except InvalidSignature: return set()
        signed.add(value[:4])
    return signed

def is_signed(der, data, signature):
    try:
        key = serialization.load_der_public_key(der)
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, ed25519.Ed25519PublicKey): key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey): key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else: return False
        return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError): return False

def is_assertion(given, challenge, url):  # url None: the address that the browser named, whichever it is
    try:
        der, authenticator, client, signature = (unbase64(given[name]) for name in ("key", "authenticator", "client", "signature"))
        data = json.loads(client.decode())
        if data["type"] != "webauthn.get" or data["challenge"] != url64(challenge) or data["origin"] != (url or data["origin"]): return False
        if data.get("crossOrigin", False) is not False or "topOrigin" in data: return False
        host = re.fullmatch(r"https?://([^/:]+)(:\d+)?", data["origin"])[1]
        if len(authenticator) < 37 or authenticator[:32] != sha256(host.encode()) or authenticator[32] & 5 != 5: return False
        return is_signed(der, authenticator + sha256(client), signature)
    except (KeyError, TypeError, ValueError, AttributeError): return False

# ---- The export: C2SP tlog-tiles; and the tree of RFC 6962

def tile_files(folder):  # {number: {width: path}}
    found = collections.defaultdict(dict)
    for path, _, names in os.walk(folder):
        for name in names:
            match = TILE.fullmatch(os.path.relpath(os.path.join(path, name), folder).replace(os.sep, "/"))
            if match and int(match[2] or 1) < 256:
                found[int(re.sub("[x/]", "", match[1]))][int(match[2] or 256)] = os.path.join(path, name)
    return found

def leaves(bundles):  # (index, leaf), in order; what is missing is missing
    for number in sorted(bundles):
        data, at = read_file(bundles[number][max(bundles[number])]), 0
        for index in range(number * 256, number * 256 + 256):
            if at >= len(data): break
            length = int.from_bytes(data[at:at + 2], "big")
            yield index, data[at + 2:at + 2 + length]
            at += 2 + length

class Tree:
    """Hashes leaves in order; gives each finished row of 256 hashes to `tile(level, number, hashes)`."""
    def __init__(self, tile): self.size, self.edge, self.rows, self.tile = 0, [], [[]], tile
    def add(self, leaf_hash):
        node, height = leaf_hash, 0
        self.row(0, node)
        while height < len(self.edge) and self.edge[height] is not None:
            node, self.edge[height], height = sha256(b"\1", self.edge[height], node), None, height + 1
            if height % 8 == 0: self.row(height // 8, node)
        self.edge[height:height + 1] = [node]
        self.size += 1
    def row(self, level, node):
        if level == len(self.rows): self.rows.append([])
        self.rows[level].append(node)
        if len(self.rows[level]) == 256:
            self.tile(level, (self.size >> 8 * (level + 1)), self.rows[level])
            self.rows[level] = []
    def root(self):
        found = None
        for node in self.edge:
            if node is not None: found = node if found is None else sha256(b"\1", node, found)
        return sha256() if found is None else found

# ---- What events mean

class Record:
    __slots__ = ()
    def __init__(self, **values):
        for name in self.__slots__: setattr(self, name, values.get(name))

class Person(Record): __slots__ = ("roles", "trained", "since", "first", "owners", "off", "added", "had_passkey", "code")
class Request(Record): __slots__ = ("by", "recording", "purpose", "objects", "minutes", "needed", "approvers", "no_extension", "closed", "trace")
class Grant(Record): __slots__ = ("holder", "recording", "purpose", "minutes", "window", "end", "extend", "extended", "source",
    "most", "heard", "state", "trace")
class Session(Record): __slots__ = ("grant", "recording", "ends", "index", "trace", "opened")
Proof = collections.namedtuple("Proof", "given index actor decided events fault")
class Change(Record): __slots__ = ("by", "actor", "kind", "index", "hash", "effects", "expires", "state", "lines", "signed", "approver", "approved",
    "command", "signer", "acted", "trace")

class Copies(Record): __slots__ = ("request", "officer", "downloads", "end", "heard", "over")  # heard: sessions on each recording
class Log:
    """One log: its tree and checkpoints, and the rules of its events."""
    def __init__(self, folder, head, keys, kept, receipts, url, deployment=None, watch=None):
        self.folder, self.head, self.name, self.keys = pathlib.Path(folder), head, head.log, dict(keys)
        self.watch, self.is_deployment, self.tenant = watch, self.name.endswith("/deployment"), self.name.split("/")[-1]
        self.deployment = self if self.is_deployment else deployment  # the log that has the operators
        self.found, self.more, self.notices, self.trace, self.new_keys = [], 0, {}, [], []
        self.kept, self.receipts, self.whole, self.newest, self.first, self.last = kept, receipts, True, None, None, None
        self.people, self.credentials, self.links, self.passkeys, self.history = {}, {}, {}, {}, collections.defaultdict(list)
        self.requests, self.grants, self.sessions, self.changes = {}, {}, {}, {}
        self.recordings, self.deposits, self.holds, self.held, self.coverings, self.erased_at = {}, set(), {}, collections.Counter(), set(), {}
        self.leases, self.retentions, self.proof_ids, self.methods, self.link_time = set(), set(), set(), {}, {}
        self.versions, self.is_back, self.restored_at, self.rounds, self.events = set(), False, None, [], collections.defaultdict(list)
        self.teams, self.key_id, self.scopes = {}, None, {}
        self.lists, self.by_list, self.missing, self.taken_back, self.stored, self.list_rest = {}, {}, {}, -1, set(), None
        self.ingest_keys, self.ingest_key, self.ingest_retired, self.ingest_replaced = set(), None, set(), {}
        self.restricted, self.withdrawn, self.withdrawals, self.answers, self.asked = {}, {}, {}, {}, {}
        self.approved_copies = {}
        self.over, self.described, self.batches, self.copies, self.lost, self.before = {}, set(), {}, {}, [], 0
        self.left, self.corrections, self.says_since = [], collections.defaultdict(list), False
        self.names_credential = self.names_later = self.needs_proof = self.rebuilt = self.began = self.complete = False
        self.needs_signature = self.is_deployment
        self.proof, self.proof_version, self.age_hours, self.offset, self.now, self.at = None, 1, 0, 0, 0, 0
        self.bundles = tile_files(self.folder / "tile" / "entries")
        if not self.bundles: raise Unusable(f"{folder} has no tile/entries")
        self.tiles, self.adopted = {}, None
        for index, data in leaves(self.bundles):  # which events need the members that came with checkpoints, and the address of passkeys
            if b'"action":"log.adopted"' in data:
                self.adopted = index
                try: url = json.loads(data)["object"].get("url", url)  # a service without a console has none
                except (ValueError, KeyError, TypeError, AttributeError): pass
                break
        self.url = url
        self.rules = {name.replace("__", "."): getattr(self, name) for name in dir(self) if "__" in name.strip("_")}

    def find(self, code, id, sentence, index=None):
        if len(self.found) >= MOST_SHOWN: self.more += 1
        else: self.found.append({"code": code, "index": self.at if index is None else index, "id": str(id), "sentence": sentence})

    def notice(self, code, at=None):
        count, first = self.notices.get(code, (0, self.at if at is None else at))
        self.notices[code] = (count + 1, first)

    # Reading, once

    def run(self):
        notes = self.published()
        sizes = sorted(notes)
        self.tree, before = Tree(self.compare_tile), ""
        self.checkpoints(notes, sizes)
        for index, data in leaves(self.bundles):
            if index != self.tree.size and self.whole:
                self.find("gap", self.name, f"events {self.tree.size} to {index - 1} are missing; roots and tiles from here cannot be compared", index)
                self.whole = False
            self.at, self.hash = index, sha256(b"\0", data)
            if self.whole: self.tree.add(self.hash)
            else: self.tree.size = index + 1
            for given in self.receipts.pop(index, ()):
                if given != self.hash: self.find("receipt", "receipt", "the receipt that a client kept is of another event")
            leaf = self.parse(data)
            if leaf is not None:
                if self.is_elsewhere(leaf): self.find("place", leaf["id"], f"{leaf['action']} does not belong in this log")
                elif leaf["log"] != self.name or leaf["seq"] != index + self.offset:
                    self.find("place", leaf["id"], f"the event says that it is number {leaf['seq']} of {leaf['log']}")
                self.offset = leaf["seq"] - index
                if leaf["ts"] < before and not self.is_corrected(leaf): self.find("time", leaf["id"], "the event is earlier than the one before it")
                before, self.first, self.last = leaf["ts"], self.first or leaf["ts"], leaf["ts"]
                try: self.event(leaf)
                except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                    self.find("form", leaf["id"], f"{leaf['action']} lacks a member or has one of another form ({error})")
            self.checkpoints(notes, sizes)
        self.finish(notes, sizes)
        return self

    def parse(self, data):
        try:
            leaf = json.loads(data.decode(), parse_float=int, parse_constant=int)
            o, actor = leaf["object"], leaf["actor"]
            good = canonical(leaf) == data and len(data) <= 16384 and NEEDED <= leaf.keys() <= NEEDED | {"req", "detail"} and leaf["v"] == 1
            good = good and type(leaf["v"]) is int and type(leaf.get("req", "")) is str
            good = good and type(leaf["seq"]) is int and EVENT_ID.fullmatch(leaf["id"]) and TIME.fullmatch(leaf["ts"])
            good = good and actor.keys() == {"type", "id", "auth"} and actor["type"] in ("person", "service", "operator", "system")
            good = good and actor["auth"] in ("api-key", "sign-in", "cli", "none") and leaf["outcome"] in ("ok", "refused", "failed")
            good = good and all(type(value) is str or type(value) is int and abs(value) < 2 ** 53 or type(value) is list and all(type(one) is str for one in value) for value in o.values())
            good = good and all(MEMBER.fullmatch(name) for name in o)
            good = good and all(type(leaf[name]) is str for name in ("action", "node", "log")) and type(o["id"]) is type(o["type"]) is str
            if good and DETAIL.fullmatch(leaf.get("detail", "sha256:" + "0" * 64)): return leaf
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError): pass
        self.find("form", "event", "the bytes are not an event in canonical JSON (leaf v1)")

    def published(self):  # {size: [path or Note]}
        notes = collections.defaultdict(list)
        folder = self.folder / "checkpoints"
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if re.fullmatch(r"0|[1-9]\d{0,14}", entry.name): notes[int(entry.name)].append(entry.path)
        for note in [self.head, *self.kept]: notes[note.size].append(note)
        return notes

    def checkpoints(self, notes, sizes):
        """Compares the notes of the size that the tree has now. Those by keys already trusted go first: they seal new keys."""
        if not sizes or sizes[0] != self.tree.size: return
        sizes.pop(0)
        self.judge([self.load(note, self.tree.size) for note in notes.pop(self.tree.size)])

    def load(self, note, size):
        if isinstance(note, Note): return note
        file = "checkpoints/" + os.path.basename(note)
        found = parse_note(read_file(note), file)
        if found is not None and found.size == size: return found
        self.find("signature", file, "this is not the log's checkpoint of that size", size)

    def judge(self, notes, longer=False):
        left = list({(note.text, str(note.signatures)): note for note in reversed(notes) if note is not None}.values())
        while left:
            trusted = [note for note in left if note.log == self.name and signers(note, self.keys)]
            for note in trusted or left:
                key = signers(note, self.keys) if trusted else ()
                if not trusted: self.find("signature", note.file, "no trusted key signed this checkpoint", note.size)
                elif longer: self.find("behind", note.file, f"this checkpoint has {note.size} events; the export has {self.tree.size}", note.size)
                elif self.whole and note.root == self.tree.root():
                    self.newest = (note.size, b64(note.root), sorted(id.hex() for id in key))
                    self.trust_new_keys()
                elif self.whole: self.find("fork", note.file, "this checkpoint is of another history: its root differs", note.size)
            left = [note for note in left if note not in trusted] if trusted else []

    def trust_new_keys(self):  # a key whose signer.added a trusted key sealed
        for keyed in self.new_keys: self.keys.update([verifier(self.name, keyed)])
        self.new_keys = []

    def compare_tile(self, level, number, row):
        """Level 0 has the stored hashes of the events, those above it the tree's."""
        if level not in self.tiles: self.tiles[level] = tile_files(self.folder / "tile" / str(level))
        files, first = self.tiles[level].pop(number, {}), number * 256 ** (level + 1)
        whole = b"".join(row)
        if not files and self.head.size >> 8 * level > number * 256:
            self.find("tile_differs", f"tile/{level}", f"tile {number} of level {level} is missing", first)
        for width, path in files.items():
            data = read_file(path)
            wrong = next((n for n in range(width) if data[32 * n:32 * n + 32] != whole[32 * n:32 * n + 32]), None)
            if len(data) != 32 * width: self.find("tile_differs", f"tile/{level}", f"tile {number} of level {level} has another length", first)
            elif wrong is not None and level == 0: self.find("hash", "tile/0", "the stored hash is not that of the event", first + wrong)
            elif wrong is not None: self.find("tile_differs", f"tile/{level}", f"tile {number} of level {level} is not that of the events", first)

    def finish(self, notes, sizes):
        self.at = self.tree.size
        for size in sizes: self.judge([self.load(note, size) for note in notes[size]], longer=True)
        for level, row in enumerate(self.tree.rows if self.whole else ()):
            if row: self.compare_tile(level, self.tree.size >> 8 * (level + 1), row)
        for index in self.receipts: self.find("receipt", "receipt", "the log does not have this event, of which a client kept a receipt", index)
        if self.proof: self.find("approval_proof", self.proof.given["id"], "the log ends before the decisions of this proof", self.proof.index)
        for id, change in self.changes.items():
            if change.kind != "answer" and self.pending(change) and self.differs(change):  # which may be half done
                self.find("change_differs", id, "what was done on the change is not what was proposed, and it did not take effect", change.acted)
        for id, session in self.sessions.items():
            worked = max((time for time in self.rounds if time < self.now - 10 * MINUTE), default=0)
            if worked > self.end_of(session) + 10 * MINUTE:
                self.find("session_unended", id, "the session has no end, though others were ended ten minutes after its time", session.index)
            elif self.now > self.end_of(session) + 10 * MINUTE: self.notice("ended_late", session.index)
        sealed = self.newest[0] if self.newest else 0
        if self.tree.size > sealed: self.notices["unsealed"] = (self.tree.size - sealed, sealed)
        if self.adopted: self.notices["before_adoption"] = (self.adopted, 0)
        if self.adopted is None: self.notices["no_adoption"] = (1, 0)

    # Every event

    def event(self, leaf):
        self.leaf, action, o, actor = leaf, leaf["action"], leaf["object"], leaf["actor"]
        self.now, self.who, self.new = ms(leaf["ts"]), actor["id"], self.adopted is not None and self.at > self.adopted
        if self.is_elsewhere(leaf): return
        if self.new and not self.has_members(action, o):
            return self.find("form", o["id"], f"{action} lacks a member, or has one of another form")
        if action not in EVENTS: self.notice("unknown_action")
        if leaf["outcome"] == "ok": self.check_actor(action, o, actor)
        self.check_proof(action, o, actor)
        if leaf["outcome"] == "ok":
            self.check_credential(action, o, actor)
            self.check_change(action, o, actor)
            if action in COPIED: self.check_copy(action, o)
            if action in LEFT: self.left.append((self.now, self.at))
            if self.list_rest: self.continue_list(action, o)
            if action in USES and "recording" in o and (action != "deposit.started" or o["recording"] in self.recordings): self.use(o["recording"])
            if action in USES and action.startswith("recording."): self.use(o["id"])
            if action in self.rules: self.rules[action](o)
            if actor["type"] == "system" and (action.endswith(".expired") or action == "session.ended" and o["reason"] == "expired"): self.rounds.append(self.now)
        self.before = self.now

    def team__changed(self, o): self.teams[o["id"]] = (o["members"], o["queues"])
    def key__rotated(self, o): self.key_id = o["key"]

    def check_copy(self, action, o):  # what is in both logs; a restore names events before it, or none
        key = (action, o["id"], *(o.get(name) for name in COPIED[action]))
        if self.is_deployment: self.events[key].append(self.now)
        if not self.name.endswith("/" + o["id"]): return
        if action == "log.restored" and not 0 <= o["from"] <= o["to"] + 1 <= self.leaf["seq"]: self.find("form", o["id"], "a restore of events that are not before it")
        if self.is_deployment or not self.new: return
        if self.deployment and any(abs(time - self.now) <= MINUTE for time in self.deployment.events[key]): return
        if self.deployment and self.deployment.covers(self.now): self.find("change_missing", o["id"], f"{action} that the deployment's log does not have")
        else: self.notice("copy_unchecked")

    def is_corrected(self, leaf):  # whether the event puts the clock of this log right: it alone may be earlier than the one before it
        return leaf["action"] == "clock.corrected" and leaf["outcome"] == "ok" and self.name.endswith("/" + leaf["object"]["id"])

    def clock__corrected(self, o):
        if self.is_deployment: self.corrections[o["id"], o["from"]].append(self.now)
        if not self.is_corrected(self.leaf): return
        wrong = [at for time, at in self.left if time > self.now + MINUTE]
        if wrong: self.notices["wrong_time"] = (self.notices.get("wrong_time", (0, 0))[0] + len(wrong), self.notices.get("wrong_time", (0, wrong[0]))[1])
        self.left = []
        self.notice("clock_corrected")
        self.no_later_than(self.now, self.leaf["ts"])
        if self.is_deployment: return
        decided = self.deployment.corrections[o["id"], o["from"]] if self.deployment else []
        if any(at - MINUTE <= self.now <= at + (24 * 60 + 1) * MINUTE for at in decided): return
        if self.deployment and self.deployment.covers(self.now): self.find("clock_not_by_two", o["id"], "a clock was put right, and the deployment's log does not say that two people decided it")
        else: self.notice("copy_unchecked")

    def no_later_than(self, now, ts):  # what is known from events of a wrong time is from then on as if it were of this one
        for person in self.people.values():
            if person.since is not None: person.since = min(person.since, now)
            if person.off is not None: person.off = min(person.off, ts)
            if person.had_passkey: person.had_passkey = min(person.had_passkey, now)
        for past in self.history.values(): past[:] = [(key, min(since, ts), until and min(until, ts)) for key, since, until in past]
        self.over = {id: (held, min(at, now)) for id, (held, at) in self.over.items()}
        self.links = {id: (owner, ends, min(made, now)) for id, (owner, ends, made) in self.links.items()}
        self.methods = {id: (owner, min(at, now)) for id, (owner, at) in self.methods.items()}
        self.link_time = {id: min(at, now) for id, at in self.link_time.items()}
        self.erased_at = {id: min(at, now) for id, at in self.erased_at.items()}
        self.ingest_replaced = {id: min(at, now) for id, at in self.ingest_replaced.items()}
        self.rounds = [time for time in self.rounds if time <= now]
        for known in (self.restricted, self.withdrawn):
            for id, all in known.items(): known[id] = [(min(since, now), purposes) for since, purposes in all]
        for change in self.changes.values():
            if change.approved is not None: change.approved = min(change.approved, now)

    def is_elsewhere(self, leaf):  # whether the table has the event in the other kind of log, or it is of another tenant
        if not self.is_deployment and leaf["action"] in OF_TENANT and leaf["object"]["id"] != self.tenant: return True
        return EVENTS.get(leaf["action"], "?")[0] == ("t" if self.is_deployment else "d")

    def has_members(self, action, o):  # those of the table; an erasure of many recordings is about their tenant
        _, types, members = EVENTS.get(action, ("", [o["type"]], {}))
        if o["type"] not in types and not (o["type"] == "tenant" and "recordings" in o and action.startswith("recording.")): return False
        return all(may_lack if name not in o else KINDS[kind](o[name]) for name, (kind, may_lack) in members.items())

    def check_actor(self, action, o, actor):
        if self.new and action in BY_OPERATORS and actor["type"] != "operator": self.find("actor_unknown", o["id"], f"{action} by no operator")
        if action == "recording.missing" and actor["type"] != "system": self.find("actor_unknown", o["id"], "calls are reported missing by no process")
        if actor["type"] == "operator":
            if actor["auth"] == "cli":
                if not self.new or "_" not in self.who: return self.notice("self_declared")
                return self.find("actor_unknown", self.who, "a command by what is no staff code")
            if not self.deployment: return self.notice("operator_unchecked")
            person = self.deployment.people.get(self.who)
            if person is None: self.find("actor_unknown", self.who, "no event added this operator")
            elif person.off is not None and person.off < self.leaf["ts"]: self.find("actor_off", self.who, "this operator was deactivated")
        elif actor["type"] != "system" and not (self.is_deployment and "tenant" in o):  # known in the tenant's log
            person = self.people.get(self.who)
            if person is None and (self.complete or self.is_deployment):
                self.find("actor_unknown", self.who, "no event added this person or service")
                self.people[self.who] = Person(owners=frozenset())
            elif person and person.off is not None and not self.may_follow(action, o, ms(person.off)): self.find("actor_off", self.who, f"{action} by someone who was deactivated")

    def may_follow(self, action, o, off):  # what was begun before a deactivation, or counts what was
        if action in UNDER_LOCK: return False
        begun = "counted" in o and "counted" in EVENTS.get(action, ("", (), {}))[2] and is_date(str(o.get("window"))) and ms(o["window"]) <= off + MINUTE
        return begun or action in UPLOADS_END or self.now <= off + MINUTE

    def check_credential(self, action, o, actor):
        if actor["type"] in ("operator", "system"):
            if self.new and (action in THEIRS or action in BY_PEOPLE and actor["type"] == "system"):
                return self.find("credential", o["id"], f"{action} by no person or service")
            if actor["type"] == "system" or not self.is_deployment or actor["auth"] == "cli" or action not in NAMES_CREDENTIAL: return
        elif not (action in NAMES_CREDENTIAL | READS | {"batch.closed"} or action == "team.changed" and "removed" in o or self.must_name(action, o, actor)):
            if self.new and actor["auth"] not in (("api-key", "sign-in") if actor["type"] == "person" else ("api-key",)):
                self.find("credential", o["id"], f"{action} by a {actor['type']} without the credential of one")
            return
        kind = {"api-key": "api_key", "sign-in": "sign_in"}.get(actor["auth"])
        id = o.get(kind)
        if id is None:
            if self.new or self.names_credential and action in NAMES_CREDENTIAL and "why" not in o:
                self.find("credential", o["id"], f"{action} names no API key or sign-in")
            return
        known, owner, ends = self.credentials.get(id) or self.ended(action, id)
        if known != kind: self.find("credential", id, f"{action} by a credential that was never created, or had ended")
        elif owner != self.who: self.find("credential", id, f"{action} by a credential of {owner}")
        elif self.now > ends + MINUTE: self.find("credential", id, f"{action} by a credential that had expired")
        elif self.new and kind == "api_key" and not SCOPES.get(action, "") in ("", *self.scopes.get(id, ())): self.find("credential", id, f"{action} by a key without the scope for it")

    def must_name(self, action, o, actor):
        later = action in LATER_NAMING and actor["type"] == "person"
        self.names_later = self.names_later or later and ("api_key" in o or "sign_in" in o)
        return later and self.names_later

    def log__adopted(self, o): self.names_later = self.names_later or o.get("rules", 0) >= 1

    def ended(self, action, id):  # a read that was under way is written a moment after its credential's end
        held, at = self.over.get(id, (None, 0))
        return held if held and action in READS | LATER_NAMING and self.now <= at + MINUTE else (None, None, 0)

    def own_sign_in(self, id):
        kind, owner, ends = self.credentials.get(id, (None, None, 0))
        return kind == "sign_in" and owner == self.who and self.now <= ends + MINUTE

    def confirms_first(self, id):  # a sign-in by link, within 30 minutes
        owner, opened = self.methods.get(id, (None, 0))
        return owner is not None and (not self.new or self.now <= opened + 31 * MINUTE)

    def knows_calls(self): return self.complete and not self.rebuilt

    def use(self, recording):
        state = self.recordings.get(recording)
        if state is None and self.knows_calls():
            self.find("recording_unknown", recording, "no event created this recording")
            self.recordings[recording] = 0
        elif state and (self.leaf["action"] != "recording.read" or self.now > self.erased_at.get(recording, 0) + MINUTE):
            self.find("after_erase", recording, f"{self.leaf['action']} after the erasure began")

    def once(self, known, id):
        if id in known: self.find("repeated", id, f"{self.leaf['action']} of an id that exists already")
        return id

    def humans(self, id):  # a person, or a service with the people who answer for it
        person = self.people.get(id)
        return {id} | (person.owners if person and person.owners else set())

    def has_role(self, id, *roles):  # True too where the log does not say the roles
        person = self.people.get(id)
        return id.startswith("usr_") and (person is None or person.roles is None or not person.roles.isdisjoint(roles))

    # Proofs by passkey

    def check_proof(self, action, o, actor):
        code = "credential_proof" if action == "passkey.added" else "approval_proof"
        named, ok = o.get("proof"), self.leaf["outcome"] == "ok"
        if self.proof and named != self.proof.given["id"]:
            self.find("approval_proof", self.proof.given["id"], "the list of decisions breaks off before its end")
            self.proof = None
        elif named is not None and not self.proof: self.find(code, o["id"], "its proof is not right before it, or was used")
        owns = any(owner == self.who for owner, _ in self.passkeys.values()) if action in DECISIONS or action == "passkey.added" else False
        if action == "proof.given": self.begin_proof(o)
        elif action == "passkey.added":
            self.needs_proof = self.needs_proof or "key" in o
            known = not self.new or "key" in o and self.own_sign_in(o.get("sign_in"))
            by_link = known and not owns and self.confirms_first(o.get("sign_in"))
            if named is None and not by_link and (self.new or "key" in o):
                self.find(code, o["id"], "a passkey that neither a sign-in by link nor another passkey confirmed")
        elif action in DECISIONS and named is None and ok and actor["auth"] == "api-key":
            if action == "access.assigned": self.find(code, o["id"], "an assignment without a passkey")
            self.notice("by_key")
        elif action in DECISIONS and named is None and ok and self.needs_proof and actor["auth"] == "sign-in":
            person = self.people.get(self.who)
            just = self.now - self.link_time.get(self.who, -10 ** 15) <= 6 * MINUTE
            if person and person.first and not owns and just: self.notice("approval_link")
            else: self.find(code, o["id"], "a decision that no passkey signed")
        if self.proof and action != "proof.given": self.continue_proof(action, o, actor, code)

    def begin_proof(self, o):
        age, owner, key = self.now - id_ms(o["id"]), *self.passkeys.get(o.get("passkey"), (None, None))
        fault = o["id"] in self.proof_ids or owner != self.who or (key or o["key"]) != o["key"]
        fault = fault or not -MINUTE <= age <= 6 * MINUTE or not 1 <= o.get("decisions", 0) <= 50
        if owner == self.who and key is None and self.new: self.notice("key_shown")
        if owner == self.who and key is None: self.passkeys[o["passkey"]] = (owner, o["key"])  # an older passkey: its first proof shows its key
        self.needs_proof, self.proof = True, Proof(
            o, self.at, self.leaf["actor"], [], [], [fault])
        self.proof_ids.add(o["id"])

    def continue_proof(self, action, o, actor, code):
        proof, request = self.proof, self.requests.get(o["id"])
        proof.decided.append((action, o))
        proof.events.append((self.at, o["id"], code))
        if actor != proof.actor or request and [o.get(name, "") for name in SIGNED[1][:3]] != [request.recording, request.by, request.purpose]: proof.fault.append(True)
        if len(proof.decided) < proof.given["decisions"]: return
        if self.url is None: self.notice("no_address")
        # From the first proof over a text of version 2 on, none over one of version 1 counts; and that never said of an extension.
        older = self.proof_version == 1 and not any("extension" in decided for _, decided in proof.decided)
        version = None if any(proof.fault) else next((n for n in ((2, 1) if older else (2,)) if self.is_signed(proof, n)), None)
        if version is None:
            for index, id, code in proof.events: self.find(code, id, "no valid signature by a passkey of this person over these values", index)
        self.proof, self.proof_version = None, max(self.proof_version, version or 1)

    def is_signed(self, proof, version):
        values = [[action, o["id"], o.get("key")] if action == "passkey.added" else [action, o["id"], *(o.get(name, "") for name in SIGNED[version])] for action, o in proof.decided]
        challenge = sha256(canonical([f"callvault/proof@v{version}", self.name, proof.given["id"], values]))
        return is_assertion(proof.given, challenge, self.url)

    # Changes by two people

    def check_change(self, action, o, actor):
        named = o.get("change")
        if named is not None and not action.startswith(("change.", "session.")):
            change = self.changes.get(named)
            if change is None or change.state == "open": return self.find("change_missing", named, f"{action} names a change that was not approved")
            if change.state != "approved": return self.find("change_differs", named, f"{action} after the change took effect or ended")
            if action not in ACTS.get(change.kind, {action}): return self.find("change_differs", named, f"{action} belongs to no change of kind {change.kind}")
            if change.kind in CARRIED_OUT and (self.who != change.actor or self.now > change.approved + (24 * 60 + 1) * MINUTE):
                self.find("change_missing", named, f"{action} by another than the proposer, or more than 24 hours after the approval")
            if change.kind == "answer" and action.startswith("recording.") and self.now > change.approved + (24 * 60 + 1) * MINUTE:
                self.find("change_missing", named, f"{action} by an answer, more than 24 hours after its approval")
            named_values = ["principal", "scopes", "how", "wrap"] + (["key"] if o.get("how") == "given-key" else []) + ["lost"] + (["from"] if action.startswith("clock.") else [])
            holder = ",".join(str(o[name]) for name in named_values if name in o) or "-"
            if "principal" not in o: holder = o.get("sha256", holder)  # the digest of a link is of its secret
            ids, last = o.get("recordings"), ",".join(listed(o["roles"]) + [o[name] for name in ("code",) if name in o]) if "roles" in o else holder
            gain = [o["id"]] if action in ("person.added", "person.changed") else listed(o.get("owners")) if action == "service.added" else []
            if any(self.humans(id) & self.humans(change.approver) for id in gain + listed(o.get("principal")) + listed(o.get("officer"))):
                self.find("change_same_person", o["id"], "the person whom it is for approved it")
            if self.new and action == "team.changed" and "sha256" not in o: self.find("change_differs", named, "a team changed without the digest of its members")
            change.acted = self.at
            done = o["instead"] if action == "subject.stayed" else action  # what stays has the line of what was not done to it
            copying = f"{o['officer']},{o['hours']},{o['downloads']}" if action == "subject.copies" else "-"
            change.lines += [f"{done} {id} {copying}" for id in listed(ids)] if ids is not None else [f"{action} {o['id']} {last}"]
        elif named is None and self.is_deployment and self.is_copy(action, o): return
        elif action in ("policy.changed", "retention.changed") and self.is_replayed(o, actor): self.notice("not_by_change")
        elif named is None and self.new and (action in BY_TWO or self.is_command(action, o)) and self.gives(action, o):
            missing = "clock_not_by_two" if action.startswith("clock.") else "change_missing"
            if "alone" in o: self.find(missing, o["id"], f"{action} by one person alone, although a second one could confirm")
            elif actor["type"] != "operator" or self.second(): self.find(missing, o["id"], f"{action} without a change that two people approved")
            else: self.notice("alone")
        elif named is None and self.new and action in DANGEROUS: self.notice("not_by_change")

    def is_replayed(self, o, actor):  # after a restore or rebuild, entries of the store bring back a version that the log has
        return self.is_back and actor["type"] in ("system", "operator") and "alone" not in o and "change" not in o and (o["id"], o.get("sha256")) in self.versions

    def is_command(self, action, o):  # or, in the deployment's log, an act on it; its own log is restored without a change
        if self.is_deployment: return action in OF_DEPLOYMENT and not (action in ("log.restored", "clock.corrected") and o["id"] == "deployment")
        return action in COMMANDS_BY_TWO and not (action == "recording.erasing" and "cause" in o)  # an erasure's rule came by two people

    def is_copy(self, action, o):  # of a tenant's act; a link for a person of the deployment is none
        if action == "sign_in.link_made": return "tenant" in o and o["principal"] not in self.people
        return action in ("key.rotated", "key.retired")

    def gives(self, action, o):  # one person alone may take access away
        if action == "recording.released": return o.get("reason") == "rebuilt"
        if action == "team.changed":  # a removal leaves no more members than there were, and all queues
            members, queues = self.teams.get(o["id"], (o["members"], o["queues"]))
            return not o.get("removed") or o["members"] > members or o["queues"] != queues
        if action == "key.rotated":
            return o.get("how") not in ("material", "raise", "volume-on", "volume-off") or "from" in o or self.key_id not in (None, o["key"])
        if action == "service.added": return any(role != "uploader" for role in listed(o["roles"]))
        person = self.people.get(o["id"])
        if action == "person.changed" and person and "admin" in (person.roles or ()) and "admin" not in listed(o["roles"]):
            if self.leaf["actor"]["type"] != "person" and self.now != self.restored_at: return True  # who could confirm would lose the role first
        return action != "person.changed" or "back" in o or not person or person.roles is None or not set(listed(o["roles"])) <= person.roles \
            or o.get("trained_until", "") > (person.trained or "")

    def second(self):  # someone else who could confirm, once there are calls
        admins = (person for person in self.people.values() if person.had_passkey and person.roles and "admin" in person.roles)
        if not self.is_deployment and not self.recordings and not self.rebuilt: return False
        if not self.is_deployment and any(admins): return True
        return any(self.who not in (id, person.code) for id, person in self.deployment.operators(self.now)) if self.deployment else False

    def operators(self, by):  # those who had a passkey by then
        return [(id, person) for id, person in self.people.items() if person.had_passkey and person.had_passkey <= by and "operator" in (person.roles or ())]

    def code_of(self):  # the staff code of the operator who acts; None where no event says it
        person = self.deployment.people.get(self.who) if self.deployment else None
        return person.code if person else None

    def may_confirm(self, change):  # an operator may approve what a command proposed; an auditor nothing
        if self.leaf["actor"]["type"] != "operator": return not self.is_deployment and self.has_role(self.who, "admin", "privacy")
        person = self.deployment.people.get(self.who) if self.deployment else None
        known = person is not None and person.roles is not None
        return change.command and ("operator" in person.roles if known else not self.is_deployment)

    def by_proposer(self, change):  # of a command: by the operator with its staff code
        if not change.command: return change.actor == self.who
        if self.leaf["actor"]["type"] != "operator" or self.leaf["actor"]["auth"] == "cli": return False
        if self.code_of() is None: self.notice("self_declared" if self.deployment else "operator_unchecked")
        return self.code_of() in (None, change.actor)

    def signed(self, o, change):
        """Whether a passkey of the actor signed the leaf of the proposal."""
        if self.leaf["actor"]["type"] == "operator":
            if not self.deployment: return self.notice("operator_unchecked") or True
            keys = {key for key, since, until in self.deployment.history[self.who] if since <= self.leaf["ts"] <= (until or "~")}
        else:
            if self.passkeys.get(o.get("passkey")) == (self.who, None) and self.new: self.notice("key_shown")
            if self.passkeys.get(o.get("passkey")) == (self.who, None): self.passkeys[o["passkey"]] = (self.who, o.get("key"))  # its first use shows its key
            keys = {key for owner, key in self.passkeys.values() if owner == self.who}
        return o.get("of") == change.index and o.get("key") in keys and is_assertion(o, change.hash, self.url)

    def change__proposed(self, o):
        self.changes[self.once(self.changes, o["id"])] = Change(by=self.humans(self.who), actor=self.who, kind=o["kind"], index=self.leaf["seq"],
            hash=self.hash, effects=o.get("effects"), expires=ms(o["expires"]) if "expires" in o else None, state="open", lines=[],
            command=self.leaf["actor"]["auth"] == "cli", trace=[("proposed", self.at, self.who)])

    def change__signed(self, o):
        self.needs_signature, change = True, self.changes.get(o["id"])
        if change is None: return self.find("change_missing", o["id"], "a signature of a change that was not proposed")
        change.signed, change.signer = self.by_proposer(change) and self.signed(o, change), self.who
        if not change.signed: self.find("change_signature", o["id"], "no valid signature by the proposer's passkey over the proposal")

    def change__approved(self, o):
        change = self.changes.get(o["id"])
        if change is None: return self.find("change_missing", o["id"], "an approval of a change that was not proposed")
        if change.state != "open" or change.expires and self.now > change.expires + MINUTE:
            self.find("approval_closed", o["id"], "the change was decided already, or had expired")
        self.needs_signature = self.needs_signature or self.new or "signature" in o  # sealed logs and signatures came in one version
        operator_signs = self.is_deployment or bool(change.command and self.new and self.deployment and self.deployment.operators(self.now - MINUTE))
        own_command = change.command and (self.who == change.signer or self.code_of() == change.actor)
        if self.humans(self.who) & change.by or own_command: self.find("change_same_person", o["id"], "proposer and approver are the same person")
        elif not self.may_confirm(change):
            self.find("approval_role", o["id"], "a change approved by someone who may not: no admin, privacy officer, or operator for a command")
        if self.leaf["actor"]["auth"] != "sign-in": self.find("change_signature", o["id"], "a change approved without a sign-in")
        elif self.needs_signature or operator_signs:
            if not self.signed(o, change): self.find("change_signature", o["id"], "no valid signature by the approver's passkey over the proposal")
            elif change.signed is None and (operator_signs or not change.command): self.find("change_signature", o["id"], "the proposer did not sign the change")
        else: self.notice("change_unsigned")
        change.state, change.approver, change.approved = "approved", self.who, self.now
        change.trace.append(("approved", self.at, self.who))

    def differs(self, change):  # digests of versions before signatures are others
        lines = "".join(line + "\n" for line in sorted(change.lines))
        return self.needs_signature and change.effects is not None and sha256(lines.encode()).hex() != change.effects

    def pending(self, change):  # what a change does is one transaction, but for a release; an answer that is begun is always applied
        return change.state == "approved" and change.kind != "release" and bool(change.lines)

    def change__applied(self, o):
        change = self.changes.get(o["id"])
        if change is None or change.state != "approved": return self.find("change_missing", o["id"], "a change took effect that was not approved")
        if self.differs(change):
            if change.kind == "release": self.notice("release_differs")
            else: self.find("change_differs", o["id"], "what the change did is not what was proposed and approved")
        change.state, change.lines = "applied", ()

    def change_closed(self, o):
        change = self.changes.get(o["id"])
        if change is None: return
        if self.pending(change): self.find("change_differs", o["id"], "something was done on a change that did not take effect")
        change.state = "closed"
    change__refused = change__withdrawn = change__expired = change_closed

    # People and credentials

    def tenant__created(self, o):
        self.unread("policy" in o and "sha256" in o)
        self.names_credential = self.names_credential or o.get("authority") == 1
        if o["id"] != self.tenant: return
        if self.began: return self.find("repeated", o["id"], "a second beginning of the tenant")
        self.began = self.complete = True
        for name, id in o.items():
            if type(id) is str and id.startswith("usr_"):
                roles = {name} if name in ("admin", "privacy") else {"reviewer", "supervisor"}
                self.people.setdefault(id, Person(roles=set(), owners=frozenset()))
                self.people[id].roles, self.people[id].first, self.people[id].since = (self.people[id].roles or set()) | roles, True, self.now

    def tenant__rebuilt(self, o):
        self.complete = self.complete or self.at == 0 and o["id"] == self.tenant  # a rebuilt tenant has no people
        self.names_credential, self.began = self.names_credential or o.get("authority") == 1, self.began or o["id"] == self.tenant
        self.unread("policy" in o and "sha256" in o)
        self.vault__rebuilt(o)
    def vault__rebuilt(self, o):
        if self.is_deployment: return
        self.rebuilt = self.is_back = True
        if o["id"] == self.tenant: self.teams, self.key_id = {}, None
        self.forget_calls()
        self.notice("after_rebuild")

    def authority__adopted(self, o): self.names_credential = True

    def person__added(self, o):
        person = self.people.get(o["id"])
        if self.new and not o["id"].startswith("svc_" if self.leaf["action"] == "service.added" else "usr_"):
            return self.find("form", o["id"], f"{self.leaf['action']} of an id of another kind")
        if person and (person.added or self.new and person.roles is not None): return self.once(self.people, o["id"])
        roles = set(listed(o["roles"]))
        self.people[o["id"]] = Person(roles=roles, owners=frozenset(listed(o.get("owners"))), added=True, since=self.now, trained=o.get("trained_until"),
            first=bool(person and person.first or not self.new and o.get("first")), code=o.get("code", "" if self.new else None))
    operator__added = person__added

    def service__added(self, o):
        self.person__added({"roles": "", **o})
        self.owner_of(o["id"])

    def owner_of(self, id):
        if self.leaf["actor"]["type"] == "person" and id in self.people: self.people[id].owners = (self.people[id].owners or frozenset()) | {self.who}

    def person__changed(self, o):
        person, roles = self.people.setdefault(o["id"], Person(owners=frozenset())), set(listed(o["roles"]))
        if person.roles is None or "supervisor" in roles and "supervisor" not in person.roles: person.since = self.now
        if "supervisor" not in roles: person.first = False
        person.roles, person.trained, person.off = roles, o.get("trained_until"), None if "back" in o else person.off

    def person__off(self, o):
        if o["id"] in self.people: self.people[o["id"]].off = self.leaf["ts"]

    def api_key__created(self, o):
        self.credentials[self.new_credential(o["id"])] = ("api_key", o["principal"], ms(o["expires"]))
        self.scopes[o["id"]] = listed(o.get("scopes"))
        if o["principal"].startswith("svc_"): self.owner_of(o["principal"])

    def credential_over(self, o):
        if o["id"] in self.credentials: self.over[o["id"]] = (self.credentials.pop(o["id"]), self.now)
        self.methods.pop(o["id"], None)
    api_key__revoked = sign_in__ended = credential_over

    def new_credential(self, id): return self.once(self.over if id in self.over else self.credentials, id)

    def sign_in__link_made(self, o):
        self.links[self.once(self.links, o["id"])] = (o["principal"], ms(o["expires"]), self.now)
        if self.new and ms(o["expires"]) > self.now + (24 * 60 + 1) * MINUTE: self.find("credential", o["id"], "a link that lasts longer than 24 hours")
        if "tenant" in o: self.copies[o["id"]] = (o["tenant"], o["principal"])

    def sign_in__opened(self, o):
        self.credentials[self.new_credential(o["id"])] = ("sign_in", self.who, ms(o["ends"]))
        if self.new and ms(o["ends"]) > self.now + (12 * 60 + 1) * MINUTE: self.find("credential", o["id"], "a sign-in that lasts longer than 12 hours")
        if o["method"] == "link":
            self.methods[o["id"]], self.link_time[self.who] = (self.who, self.now), self.now
            if "link" in o: self.use_link(o["link"])
            elif self.new: self.find("credential", o["id"], "a sign-in by link that names no link")
        elif "passkey" in o: self.own_passkey(o)
        elif self.new: self.find("credential", o["id"], "a sign-in by passkey that names no passkey")

    def use_link(self, id):
        owner, expires, made = self.links.get(id, (None, 0, 0))
        if owner == self.who: self.links[id] = (None, 0, 0)
        if owner != self.who or self.now > expires + MINUTE or self.is_deployment and id in self.copies: self.find("credential", id, "a sign-in by a link that is another's, used, expired or unknown")
        elif self.new and not self.is_deployment and (not self.deployment or self.deployment.copies.get(id) != (self.tenant, self.who)):
            if self.deployment and self.deployment.covers(made): self.find("credential", id, "a sign-in by a link that the deployment's log does not have")
            else: self.notice("link_unchecked")

    def covers(self, time):  # whether what the deployment's log wrote at this time must be in the export: it does not end before, and lost nothing then
        return time + MINUTE < self.before and not any(since - MINUTE <= time <= until + MINUTE for since, until in self.lost)

    def own_passkey(self, o):
        if self.passkeys.get(o["passkey"], (None,))[0] != self.who: self.find("credential", o["passkey"], "a passkey that is another's, removed or unknown")
    sign_in__stepped_up = own_passkey

    def passkey__added(self, o):
        if o["principal"] != self.who: self.find("credential", o["id"], "a passkey that someone else added")
        self.passkeys[self.once(self.passkeys, o["id"])] = (o["principal"], o.get("key"))
        person = self.people.get(o["principal"])
        if person: person.had_passkey = person.had_passkey or self.now
        if self.is_deployment: self.history[o["principal"]].append((o.get("key"), self.leaf["ts"], None))

    def passkey__removed(self, o):
        owner, key = self.passkeys.pop(o["id"], (None, None))
        past = self.history.get(owner, [])
        past[:] = [(k, since, self.leaf["ts"] if k == key and until is None else until) for k, since, until in past]
        named, by_another = o["principal"], self.who != o["principal"] and self.leaf["actor"]["type"] != "operator"
        if self.new and (by_another or owner not in (None, named)): self.find("credential", o["id"], "a passkey that neither its owner nor an operator removed")
        if owner in (None, self.who): return
        # A new link or a restore removed it, and withdraws what was open: links made before, and sign-ins by them.
        self.methods = {id: one for id, one in self.methods.items() if one[0] != owner}
        self.link_time.pop(owner, None)
        self.links = {id: (None, 0, 0) if link[0] == owner and link[2] < self.now else link for id, link in self.links.items()}

    def policy__changed(self, o):
        if not self.is_replayed(o, self.leaf["actor"]):
            self.age_hours = o.get("approver_age_hours", self.age_hours)
            self.unread("sha256" in o)
        self.versions.add((o["id"], o.get("sha256")))
    def unread(self, named):  # this program does not read the texts of policies
        if named and not self.is_deployment: self.notice("policy_unchecked")
    def signer__added(self, o):
        keyed = unbase64(o["key"])
        verifier(self.name, keyed)
        self.new_keys.append(keyed)

    # Recordings, uploads, holds, erasing

    def recording__created(self, o):
        for id in listed(o.get("recordings", o["id"])):
            if o.get("again") != 1 and (id in self.described or self.recordings.get(id)): self.once(self.recordings, id)
            self.recordings.setdefault(id, 0)
            self.described.add(id)
            if id == self.watch: self.trace.append(("created", self.at, self.leaf["ts"], self.who))

    def recording__listed(self, o):
        if "recordings" in o: self.recording__created(o)
        ids, rows, source = listed(o.get("recordings")), o["rows"], o["source"]
        within = len(ids) <= o["listed"] and o["listed"] + o["unlisted"] <= rows and len(ids) + o["unlisted"] + o["amended"] <= rows
        if not within or o["listed"] + o["unlisted"] + o["amended"] < 1: self.find("list_counts", o["id"], "the counts of a call list do not fit together")
        self.by_list.update((id, source) for id in ids)
        expected, others = self.lists.get(source, (0, set()))
        self.lists[source] = (expected + o["listed"] - len(ids), others)
        if o["unlisted"] > 0: self.taken_back = self.at
        if o["amended"] > 0: self.list_rest = (o["amended"], self.who)

    def continue_list(self, action, o):  # a list's transaction: the changes of facts come right after it; what was published may end within it
        left, who = self.list_rest
        self.list_rest = (left - 1, who) if left > 1 else None
        if action == "recording.amended" and self.who == who: return
        self.list_rest = None
        if action != "log.restored" or not self.name.endswith("/" + o["id"]): self.find("list_counts", o["id"], "fewer changes of facts follow a call list than it counts")

    def recording__missing(self, o):  # when a call is due is in no event
        for id in listed(o["recordings"]):
            self.use(id)
            if id in self.stored: self.find("missing_stored", id, "reported missing after its audio was stored")
            elif self.missing.get(id, -1) > self.taken_back: self.find("repeated", id, "reported missing again, and no list took it back")
            elif not self.is_expected(id, o["source"]): self.find("missing_unlisted", id, "reported missing, and no call list of its source expects it")
            self.missing[id] = self.at

    def is_expected(self, id, source):  # lists count known calls; after a restore rows of events that it took out may stay, and older calls may have no source
        if id in self.by_list: return self.by_list[id] == source
        if self.restored_at is not None or source == "": return True
        expected, others = self.lists.setdefault(source, (0, set()))
        others.add(id)
        return len(others) <= expected

    def forget_calls(self):  # a restore or rebuild brings older rows, of calls and of ingest keys
        self.missing, self.stored = {}, set()
        self.ingest_key, self.ingest_retired, self.ingest_replaced = "unknown", set(), {}

    def ingest_key__created(self, o):
        id, replaces = o["id"], o.get("replaces")
        if o["how"] == "restored":  # in a database that lost keys: what it replaces there
            self.ingest_key = id if replaces or self.ingest_key is None else "unknown"
        else:
            if id in self.ingest_keys: self.once(self.ingest_keys, id)
            elif self.ingest_key not in ("unknown", replaces): self.find("ingest_key_order", id, "an ingest key that does not replace the current one")
            if replaces: self.ingest_replaced[replaces] = self.now
            self.ingest_key = id
        self.ingest_keys.add(id)

    def ingest_key__retired(self, o):  # 90 days after its replacement, which began before its event, and after its last file
        kept = 89 * 24 * 60 * MINUTE
        early = any(self.now < time + kept for time in [self.ingest_replaced.get(o["id"], 0)] + [ms(o[name]) for name in ("last_file",) if name in o])
        unknown = o["id"] not in self.ingest_keys and not self.is_back
        if unknown or early or o["id"] == self.ingest_key or o["id"] in self.ingest_retired:
            self.find("ingest_key_order", o["id"], "an ingest key that is current, unknown or retired, or was needed within 90 days")
        self.ingest_retired.add(o["id"])

    def deposit__started(self, o):
        self.deposits.add(self.once(self.deposits, o["id"]))
        self.recordings.setdefault(o["recording"], 0)

    def deposit_known(self, o):
        if o["id"] not in self.deposits and self.knows_calls(): self.find("deposit_unknown", o["id"], "no event began this upload")
    deposit__committing = deposit__aborting = deposit__aborted = deposit_known
    def deposit__available(self, o):
        self.deposit_known(o)
        if o.get("object") == "audio": self.stored.add(o["recording"])

    def recording__reencrypted(self, o):
        for id in (o["from"], o["to"]): self.deposit_known({"id": id})

    def hold__placed(self, o):
        held = self.holds.setdefault(o["id"], set())
        for id in listed(o.get("recordings")):
            if id not in held: self.held[id] += 1
            held.add(id)
    def hold__covered(self, o):
        self.coverings.add(self.leaf.get("id"))
        self.hold__placed({"id": o.get("hold", o["id"]), "recordings": o["recordings"]})
    def amendment__replayed(self, o):  # a cover that the log lost; one that it has may have been lifted there
        if o["type"] == "hold" and o["event"] not in self.coverings: self.hold__placed(o)
        # of what else came back, only the digest is known
        for known in (self.restricted, self.withdrawn): known.pop(o["id"], None)
        if o["type"] == "recording": self.asked[o["id"]] = None
    def hold__lifted(self, o):
        held = self.holds.get(o.get("hold", o["id"]), set())
        for id in listed(o.get("recordings")) or list(held):
            if id in held: self.held[id] -= 1
            held.discard(id)

    def subject__doing(self, o):  # what two people decided that a subject may ask for is erased once nothing keeps it
        change = self.changes.get(o.get("change"))
        if change is None or change.state not in ("approved", "applied"): return
        self.retentions.add(o["id"])
        self.answers[o["change"]] = o["id"]
    # Copies for a subject: by one officer, of some recordings, until an end, in so many downloads, and not after what ends them

    def end_copies(self, theirs):
        for copies in self.approved_copies.values(): copies.over = copies.over or theirs(copies)

    def subject__copies(self, o):
        self.end_copies(lambda copies: copies.request == o["id"] and copies is not self.approved_copies.get(o.get("change")))
        copies = self.approved_copies.setdefault(o.get("change"), Copies(request=o["id"], officer=o["officer"], downloads=o["downloads"],
            end=self.now + min(o["hours"], 72) * 60 * MINUTE, heard={}, over=False))
        copies.heard.update(dict.fromkeys(listed(o["recordings"]), 0))

    def subject__copies_ended(self, o): self.end_copies(lambda copies: copies.request == o["id"] and copies is self.approved_copies.get(o["proposal"]))
    def subject__answered(self, o): self.end_copies(lambda copies: copies.request == o["id"])

    def check_copying(self, o, change):
        copies, recording = self.approved_copies.get(o["change"]), o["recording"]
        if change is None or change.kind != "answer" or change.state not in ("approved", "applied") or o["purpose"] != "subject-request" or not self.has_role(self.who, "privacy"):
            return self.find("session_unapproved", o["id"], "no change approved copies for this person")
        if copies is None:
            if self.approved_copies: return self.find("session_unapproved", o["id"], "the decision approved no copies")
            return self.notice("copies_unbounded")
        if copies.officer != self.who: return self.find("session_person", o["id"], f"the copies are made by {copies.officer}")
        if recording not in copies.heard: return self.find("session_recording", o["id"], "no copy of this recording was approved")
        if copies.over: return self.find("session_revoked", o["id"], "the approval of the copies had ended")
        copies.heard[recording] += 1
        if self.now > copies.end + MINUTE or ms(o["ends"]) > copies.end + MINUTE: self.find("session_late", o["id"], "the time for the copies was over, or the session ends later")
        elif copies.heard[recording] > copies.downloads: self.find("session_uses", o["id"], "more downloads than two people approved")

    def decided(self, o):  # a subject's request erases by the change that decides it, or later what was kept then
        if "change" in o: return self.answers.get(o["change"]) == o["cause"]
        return all(self.asked.get(id, "") in (o["cause"], None) for id in listed(o.get("recordings", o["id"])))
    def recording__amended(self, o):
        change = self.changes.get(o.get("change"))
        narrows = {"asked", "restricted"} & set(o["set"].split(","))
        if narrows or "withdrawal" in o: self.end_copies(lambda copies: o["id"] in copies.heard)
        if narrows and (change is None or change.state not in ("approved", "applied")):
            self.find("change_missing", o["id"], "a recording is restricted, or asked to be erased, without a decision of two people")
        if narrows: self.restricted[o["id"]] = [(self.now, [])]
        if "asked" in narrows and o.get("change") in self.answers: self.asked[o["id"]] = self.answers[o["change"]]
        # a new basis may be new consent
        if o.get("withdrawal") in self.withdrawals: self.withdrawn.setdefault(o["id"], []).append((self.now, self.withdrawals[o["withdrawal"]]))
        elif "basis" in listed(o["set"]): self.withdrawn.pop(o["id"], None)
    def consent__withdrawn(self, o):  # for all purposes: what a subject withdrew is erased once nothing keeps it
        if "purposes" not in o: self.retentions.add(o["id"])
        self.withdrawals[o["id"]] = listed(o.get("purposes"))
    def recording__restricted(self, o):
        self.restricted[o["id"]] = [(self.now, [])]
        self.end_copies(lambda copies: o["id"] in copies.heard)
    def recording__unrestricted(self, o): self.restricted.pop(o["id"], None)
    def forbids(self, recording, purpose):  # what a restriction or a withdrawal does not allow; the law itself asks for two purposes
        known = self.restricted.get(recording, []) + self.withdrawn.get(recording, [])
        return purpose not in ("legal", "subject-request") and any(self.now > since + MINUTE and (not purposes or purpose in purposes) for since, purposes in known)
    def retention__changed(self, o):
        self.retentions.add(o["id"])
        self.versions.add((o["id"], o.get("sha256")))
    def lease__granted(self, o): self.leases.add(o["id"])
    def lease__ended(self, o): self.leases.discard(o["id"])

    def recording__erasing(self, o):
        change = self.changes.get(o.get("change"))
        if "cause" in o: known = o["cause"] in self.retentions and (o["cause"] not in self.answers.values() or self.decided(o))
        else: known = "change" in o or "recordings" not in o and o.get("reason") in ("request", "retention", "court-order", "error")
        if "change" in o: known = known and change is not None and change.state in ("approved", "applied")
        if not known: self.find("erase_reason", o["id"], "an erasure that no rule and no approved change caused")
        self.says_since = self.says_since or "clock_since" in o
        if "change" not in o and ("cause" in o or o.get("reason") == "retention") and self.says_since:  # by age; what two people decided about these calls does not depend on it
            if not ("clock_since" in o and self.now - ms(o["clock_since"]) >= 10 * MINUTE):
                self.find("age_untrusted", o["id"], "an erasure by age, of a clock that was judged for less than ten minutes, or for a time that the event does not say")
        if "kept_until" in o and self.now < ms(o["kept_until"]): self.find("erase_early", o["id"], f"an erasure before {o['kept_until']}")
        for id in listed(o.get("recordings", o["id"])):
            if self.held[id]: self.find("erase_held", id, "an erasure of a recording under a legal hold")
            if self.recordings.get(id, 0): self.find("repeated", id, "a second erasure")
            elif id not in self.recordings: self.use(id)
            self.recordings[id], self.erased_at[id] = 1, self.now
            if id == self.watch: self.trace.append(("erasing", self.at, self.leaf["ts"], self.who))

    def recording__erased(self, o):
        for id in listed(o.get("recordings", o["id"])):
            if self.recordings.get(id) != 1: self.find("erase_end", id, "an erasure ended that did not begin, or twice")
            self.recordings[id] = 2

    def tombstone__replayed(self, o):  # what the log has erased; or events were lost with the database
        if self.new and self.knows_calls() and not self.is_back and not self.recordings.get(o["id"]):
            self.find("erase_reason", o["id"], "an erasure is repeated that the log does not have")
        self.recordings[o["id"]] = 1
    def log__restored(self, o):  # sessions among the events that came back have no rows: no end can follow
        if not self.name.endswith("/" + o["id"]): return  # a tenant's, in the deployment's log
        self.lost.append((self.before, self.now))
        self.teams, self.key_id = {}, None
        self.forget_calls()
        self.is_back, self.restored_at = True, self.now
        self.sessions = {id: session for id, session in self.sessions.items() if not o["from"] <= session.index <= o["to"]}
        self.notices["restored"] = (self.notices.get("restored", (0, 0))[0] + o["to"] - o["from"] + 1, o["from"])

    # Requests, grants, sessions

    def access__requested(self, o):
        if any(name not in o for name in ("minutes", "objects", "approvals")): self.find("form", o["id"], "a request without minutes, objects or approvals")
        self.requests[self.once(self.requests, o["id"])] = Request(by=self.who, recording=o["recording"], purpose=o["purpose"],
            objects=o.get("objects"), minutes=o.get("minutes"), needed=o.get("approvals", 1), approvers=(),
            trace=[("asked", self.at, self.who)] if o["recording"] == self.watch else None)

    def request_of(self, o):
        request = self.requests.get(o["id"])
        if request is None: self.find("request_unknown", o["id"], "no event created this request")
        elif request.closed: self.find("approval_closed", o["id"], "the request was decided, withdrawn or expired already")
        return request

    def access_closed(self, o):
        request = self.request_of(o)
        if request: request.closed = True
    access__denied = access__cancelled = access__expired = access_closed

    def check_approver(self, o, listener):
        person = self.people.get(self.who)
        if self.humans(self.who) & self.humans(listener): self.find("approval_own", o["id"], "the approver is the person who listens")
        elif self.leaf["actor"]["type"] != "person" or not self.has_role(self.who, "supervisor"):
            self.find("approval_role", o["id"], "approved by someone who is no supervisor")
        elif person and not person.first and person.since is not None and self.now + MINUTE - person.since < self.age_hours * 60 * MINUTE:
            self.find("approval_age", o["id"], f"the approver has been a supervisor for less than {self.age_hours} hours")

    def access__approved(self, o):
        request, grant = self.request_of(o), o.get("grant")
        if request is None or request.closed: return
        self.check_approver(o, request.by)
        if self.who in request.approvers: self.find("approval_closed", o["id"], "the same person approved before")
        request.no_extension = request.no_extension or "extension" in o
        minutes, objects = o.get("minutes", request.minutes), o.get("objects", request.objects)
        same = "proof" in o or [request.recording, request.by, request.purpose] == [o.get("recording", request.recording), o.get("person", request.by), o.get("purpose", request.purpose)]
        narrow = request.minutes is None or minutes <= request.minutes
        if not same or not narrow or request.objects is not None and not set(listed(objects)) <= set(listed(request.objects)):
            self.find("approval_wider", o["id"], "more was approved than asked")
        elif request.no_extension and "extend_minutes" in o: self.find("approval_wider", o["id"], "an extension that an approver excluded")
        elif "expires" in o and "opens_until" not in o and ms(o["expires"]) > self.now + (minutes + 1) * MINUTE: self.find("approval_wider", o["id"], "the grant ends later than its minutes")
        request.approvers, request.minutes, request.objects = (*request.approvers, self.who), minutes, objects
        if request.trace: request.trace.append(("approved", self.at, self.who))
        if grant is None: return
        if len(set(request.approvers)) < max(1, request.needed):
            self.find("approvals_missing", o["id"], f"{len(set(request.approvers))} of {request.needed} approvals when the grant was created")
        request.closed = True
        window = ms(o["opens_until"]) if "opens_until" in o else None
        self.begin_grant(grant, Grant(holder=request.by, recording=request.recording, purpose=request.purpose, minutes=minutes, window=window,
            end=self.now + minutes * MINUTE if window is None else None, source=("request", o["id"]), trace=request.trace), o)

    def access__assigned(self, o):
        self.check_approver(o, o["person"])
        self.begin_grant(o["id"], Grant(holder=o["person"], recording=o["recording"], purpose=o.get("purpose"), minutes=o["minutes"], source=("batch", o["batch"]),
            window=ms(o["opens_until"]) if "opens_until" in o else 0, trace=[("assigned", self.at, self.who)] if o["recording"] == self.watch else None), o)

    def begin_grant(self, id, grant, o):  # once: a second approval or assignment changes nothing of it
        grant.extend, grant.most, grant.heard = o.get("extend_minutes", 0), o.get("uses", 100), 0
        if id in self.grants: self.once(self.grants, id)
        else: self.grants[id] = grant

    def grant_ended(self, o):
        if o["id"] in self.grants: self.grants[o["id"]].state = self.leaf["action"].split(".")[1]
    grant__revoked = grant__expired = grant_ended

    def batch__withdrawn(self, o): self.batches["batch", o["id"]] = "withdrawn"
    def batch__closed(self, o): self.batches["batch", o["id"]] = "expired"
    def source_of(self, o): return ("request", o["request"]) if "request" in o else ("batch", o.get("batch"))

    def grant__extended(self, o):
        grant = self.grants.get(o["id"])
        if grant and grant.state: return self.find("extension_late", o["id"], f"the grant was ended before ({grant.state})")
        if grant is None or not grant.extend or grant.source != self.source_of(o): return self.find("extension_unapproved", o["id"], "an extension that no approval included")
        if grant.holder != self.who: return self.find("extension_person", o["id"], "an extension by another person than the listener")
        if grant.extended: return self.find("extension_repeated", o["id"], "a second extension")
        grant.extended = True
        if grant.end is None: return self.find("extension_early", o["id"], "an extension before the first listen")
        if grant.source in self.batches or self.now > grant.end + MINUTE: return self.find("extension_late", o["id"], "an extension after the grant's end")
        grant.end += grant.extend * MINUTE
        if ms(o["expires"]) != grant.end: self.find("extension_end", o["id"], "an extension to another end than approved")

    def session__opened(self, o):
        grant, ends, change = self.grants.get(o.get("grant")), ms(o["ends"]), self.changes.get(o.get("change"))
        trace = [("opened", self.at, self.who, self.leaf["ts"], o["id"], o["purpose"])] if o["recording"] == self.watch else None
        if trace: self.trace.append(("session", (grant.trace if grant else change.trace if change else None) or [], trace))
        # A session on a grant that has ended has no clock.
        self.sessions[self.once(self.sessions, o["id"])] = Session(grant=grant if grant and not grant.state else None, recording=o["recording"], ends=ends, index=self.at, trace=trace, opened=self.now)
        if grant is None:
            if "change" in o and o.get("lease") not in self.leases: self.check_copying(o, change)
            elif o.get("lease") not in self.leases: self.find("session_unapproved", o["id"], "no approval, assignment, lease or change created its grant")
        elif grant.state: self.session_over(o, grant.state)
        elif grant.source != self.source_of(o) or o["purpose"] != (grant.purpose or o["purpose"]):
            self.find("session_unapproved", o["id"], "the grant is of another request, assignment or purpose")
        elif grant.holder != self.who: self.find("session_person", o["id"], f"the grant is {grant.holder}'s")
        elif grant.recording != o["recording"]: self.find("session_recording", o["id"], "the grant is for another recording")
        elif grant.source in self.batches: self.session_over(o, self.batches[grant.source])
        else:
            opens, latest = (grant.window, self.now + grant.minutes * MINUTE) if grant.end is None else (grant.end, grant.end)
            late = self.now > opens + MINUTE or ends > latest or self.now > ends + MINUTE
            if grant.end is None: grant.end = min(ends, latest)
            grant.heard += 1
            if late: self.find("session_late", o["id"], "the grant had expired, or the session ends later than approved")
            elif grant.heard > grant.most: self.find("session_uses", o["id"], "more sessions than the grant allows")

        if self.forbids(o["recording"], o["purpose"]): self.find("session_forbidden", o["id"], "a restriction or a withdrawal of consent does not allow this purpose")

    def session_over(self, o, how):
        self.find("session_late" if how == "expired" else "session_revoked", o["id"], f"the grant was ended before ({how})")

    def end_of(self, session): return max(session.ends, session.grant.end) if session.grant and session.grant.extended and session.grant.end else session.ends

    def session__ended(self, o):
        session = self.sessions.pop(o["id"], None)
        if session is None: return self.find("session_unopened", o["id"], "the end of a session that did not begin, or twice")
        if session.recording != o.get("recording", session.recording): self.find("session_recording", o["id"], "the session was on another recording")
        elif self.now > self.end_of(session) + 10 * MINUTE:  # as the work in the background comes to it; the service sends 30 s at once, then four seconds in one
            possible = 30_000 + 4 * (self.end_of(session) - session.opened + MINUTE)
            if o.get("heard_ms", 0) <= possible: self.notice("ended_late")
            else: self.find("session_overrun", o["id"], "the session ended more than ten minutes after its time, with more than could be sent in it")
        if session.trace: session.trace.append(("ended", self.at, self.leaf["ts"], o.get("heard_ms"), o.get("reason")))

    def finish_of(self, o):
        grant, action = self.grants.get(o["id"]), self.leaf["action"]
        if grant is None: return self.find("finish_unassigned", o["id"], "this call was not assigned")
        state, grant.state = grant.state, action.split(".")[1]
        if state: self.find("finish_closed", o["id"], f"the grant was ended before ({state})")
        elif grant.source != self.source_of(o): self.find("finish_unassigned", o["id"], "this call was not assigned")
        elif grant.holder != self.who: self.find("finish_person", o["id"], "finished or returned by another person than the reviewer")
        elif grant.source in self.batches: self.find("finish_closed", o["id"], "the assignment was ended before")
        elif action == "grant.done" and grant.end is None: self.find("finish_unheard", o["id"], "finished without a listen")
        elif self.now > (grant.window or 0) + MINUTE: self.find("finish_late", o["id"], "finished or returned after the assignment was due")
    grant__done = grant__returned = finish_of

# ---- The report

def story(log):  # who heard a recording, when, on whose approval
    lines = []
    for kind, *rest in log.trace:
        if kind != "session": lines.append(f"{rest[1]}  event {rest[0]}: {kind} by {rest[2]}")
        else:
            before, (opened, *ended) = rest
            _, index, person, time, id, purpose = opened
            lines.append(f"{time}  event {index}: {person} began to listen for {purpose} ({id})")
            for action, at, who in before:
                if at < index: lines.append(f"    {action} by {who} in event {at}")
            for _, at, until, heard, reason in ended:
                lines.append(f"    ended in event {at} at {until} ({reason}" + (f"; {heard / 1000:.0f} s were sent)" if type(heard) is int else ")"))
            if not ended: lines.append("    not ended in this log")
    return lines or ["no event of this log is about listening to it"]

def document(log):
    about = {"log": log.name, "events": log.tree.size, "from": log.first, "to": log.last, "adopted": log.adopted, "address": log.url}
    about["checkpoint"] = dict(zip(("size", "root", "keys"), log.newest)) if log.newest else None
    about["findings"], about["not_shown"] = sorted(log.found, key=lambda one: one["index"]), log.more
    about["notices"] = [{"code": code, "count": n, "index": at, "sentence": NOTICES[code]} for code, (n, at) in log.notices.items()]
    if log.watch: about["recording"] = {"id": log.watch, "lines": story(log)}
    return about

def show(about):
    print(f"Log {about['log']}: {about['events']} events, from {about['from']} to {about['to']}.")
    found = about["checkpoint"]
    if found: print(f"The newest checkpoint that holds has {found['size']} events and root {found['root']}, signed by key {', '.join(found['keys'])}.")
    else: print("No checkpoint by a trusted key holds.")
    if about["adopted"] is not None: print(f"Checkpoints began with event {about['adopted']}" + (f"; passkeys belong to {about['address']}." if about["address"] else "."))
    for one in about["findings"]: print(f"{one['code']} {one['index']} {one['id']}: {one['sentence']}")
    if about["not_shown"]: print(f"{about['not_shown']} more findings are not shown.")
    for one in about["notices"]: print(f"note: {one['count']} from event {one['index']}: {one['sentence']} ({one['code']}).")
    if "recording" in about: print(f"Recording {about['recording']['id']}:", *about["recording"]["lines"], sep="\n  ")

def read_receipts(path):  # lines as clients keep them: Vault-Audit: <log> <index> <hash>
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in read_file(path).decode().splitlines() if path else ():
        if not line.strip(): continue
        try:
            log, index, given = line.split(":", 1)[-1].split() if line.lower().startswith("vault-audit:") else line.split()
            found[log][int(index)].append(bytes.fromhex(given) if re.fullmatch("[0-9a-f]{64}", given) else unbase64(given))
        except ValueError: raise Unusable(f"{path}: {line!r} is not a line of Vault-Audit")
    return found

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export", metavar="DIR", help="folder in tlog-tiles layout: checkpoint, tile/, checkpoints/")
    parser.add_argument("--key", action="append", required=True, metavar="VKEY", help="verifier key of the log's signer, from elsewhere")
    parser.add_argument("--kept", nargs="+", action="extend", default=[], metavar="FILE", help="checkpoints that you kept")
    parser.add_argument("--receipts", metavar="FILE", help="lines of Vault-Audit that clients kept")
    parser.add_argument("--deployment", metavar="DIR", help="export of the deployment's log")
    parser.add_argument("--url", help="address of the service, for logs that do not name it")
    parser.add_argument("--recording", metavar="ID", help="list who heard this recording, and on whose approval")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    keys, logs = [parse_vkey(text) for text in options.key], []
    kept, receipts = [(file, parse_note(read_file(file), file)) for file in options.kept], read_receipts(options.receipts)
    wrong = [file for file, note in kept if note is None]
    if wrong: raise Unusable(f"{wrong[0]} is not a checkpoint")
    for folder in [options.deployment, options.export] if options.deployment else [options.export]:
        head = parse_note(read_file(pathlib.Path(folder) / "checkpoint"), "checkpoint")
        if head is None: raise Unusable(f"{folder}/checkpoint is not a checkpoint")
        trusted = [key for name, key in keys if name == head.log]
        if not trusted: raise Unusable(f"no --key is for the log {head.log}")
        own, last = [note for _, note in kept if note.log == head.log], folder == options.export
        logs.append(Log(folder, head, trusted, own, receipts.pop(head.log, {}), options.url, logs[0] if logs else None, options.recording if last else None).run())
    names = {log.name for log in logs}
    for _, note in kept:
        if note.log not in names: raise Unusable(f"{note.file} is a checkpoint of {note.log}")
    if receipts: logs[-1].notices["other_receipts"] = (sum(len(one) for one in receipts.values()), 0)
    found = [document(log) for log in logs]
    count = sum(len(about["findings"]) + about["not_shown"] for about in found)
    if options.json: print(json.dumps({"findings": count, "logs": found}, ensure_ascii=False))
    else:
        for about in found: show(about)
        print(f"{count} findings." if count != 1 else "1 finding.")
    return 1 if count else 0

if __name__ == "__main__":
    try: sys.exit(main())
    except Unusable as error: sys.exit(print(f"verify_log: {error}", file=sys.stderr) or 2)
