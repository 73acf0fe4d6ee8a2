#!/usr/bin/env python3
"""Takes one object out of a callvault store, folder or S3, without callvault. leaving.md, beside this file, explains it."""
import argparse, base64, contextlib, datetime, hashlib, hmac, json, os, pathlib, re, subprocess, sys, tempfile, urllib.parse

CHUNK, PART, MOST = 16384, 8388608, 83886079999
ID = "[0-7][0-9a-hjkmnp-tv-z]{25}"

def need(truth, otherwise="not authentic"):
    if not truth: raise ValueError(otherwise)

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 is not in its one form")
    return data

def canonical(value): return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
def in_order(names): return sorted(names, key=lambda name: name.encode("utf-16-be"))  # RFC 8785: by UTF-16 code units

def ordered(pairs):
    need([name for name, _ in pairs] == in_order(dict(pairs)), "JSON is not canonical")
    return dict(pairs)

def whole(text):  # rejects "1.0", "NaN", and what a double cannot hold
    need(abs(int(text)) < 2 ** 53, "JSON has a number that is too large")
    return int(text)

def parse(raw, most):
    value = json.loads(raw.decode(), object_pairs_hook=ordered, parse_int=whole, parse_float=whole, parse_constant=whole)
    need(len(raw) <= most and canonical(value) == raw, "JSON is not canonical")
    return value

def info(*fields): return b"".join(len(field.encode()).to_bytes(2, "big") + field.encode() for field in fields)
def bind(label, context): return info(label, *(text for pair in sorted(context.items()) for text in pair))
def sealed_size(size): return 56 + size + 16 * (size // CHUNK + 1)

def expand(key, about, length):  # HKDF-Expand, SHA-512; callvault never asks for more than two blocks
    first = hmac.digest(key, about + b"\1", "sha512")
    return (first + hmac.digest(key, first + about + b"\2", "sha512"))[:length]

def open_message(key, context, message, wrong_key="not authentic"):  # Cobblestone-256: salt, commitment, chunks, the last short
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    okm = expand(key, b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + message[:24] + context, 76)
    need(len(key) == 32 and hmac.compare_digest(okm[44:], message[24:56]), wrong_key)
    aead, base, chunks = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big"), []
    for number, at in enumerate(range(56, len(message) + 1, CHUNK + 16)):
        need(len(message) >= at + 16)
        chunks.append(aead.decrypt((base ^ number).to_bytes(12, "big"), message[at:at + CHUNK + 16], None))
    return b"".join(chunks)

# A store is two functions: one opens a blob by its name, the other lists t/<tenant>/e/ or t/<tenant>/a/.

def folder_store(options):
    top = pathlib.Path(options.store)
    names = lambda folder: sorted(path.relative_to(top).as_posix() for path in top.glob(folder + "*/*.json"))
    return lambda name: open(top / name, "rb"), names

def s3_store(options):
    import boto3, botocore.config
    place = re.fullmatch("s3://([^/]+)(?:/(.*[^/]))?/?", options.s3)
    need(place, "--s3 is s3://bucket/prefix")
    bucket, prefix = place[1], place[2] + "/" if place[2] else ""
    style = botocore.config.Config(s3={"addressing_style": "path"} if options.endpoint else {})
    s3 = boto3.client("s3", endpoint_url=options.endpoint, config=style)
    pages = lambda folder: s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + folder)
    names = lambda folder: [each["Key"][len(prefix):] for page in pages(folder) for each in page.get("Contents", [])]
    return lambda name: contextlib.closing(s3.get_object(Bucket=bucket, Key=prefix + name)["Body"]), names

def read(options, name, most=65536):  # one byte more, so that what is too long is seen
    with options.blob(name) as blob: return blob.read(most + 1)

def document(options, name, members):  # a blob of JSON; nothing in it is verified yet
    found = parse(read(options, name), 65536)
    need(found["format"] == "callvault/1", f"unknown format {found['format']!r}")
    need(list(found) == members.split(), f"unknown or missing member of {name}")
    return found

def verify(found, key, use, *without):
    signed = canonical({name: value for name, value in found.items() if name not in ("mac", *without)})
    need(hmac.compare_digest(hmac.digest(expand(key, info(use), 64), signed, "sha512"), unbase64(found["mac"])))

def open_kek(key, tenant, options):  # volume mode: the store holds the KEK too, wrapped by a key that you vouch for
    name = re.fullmatch("tenant-kek/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", key["id"])
    need(name, "not the id of a tenant KEK")
    found = document(options, f"t/{tenant}/k/{name[1]}.json", "created format id key mac tenant")
    need((found["tenant"], found["id"], found["key"]["wrap"]) == (tenant, key["id"], key["wrap"]), "the tenant KEK belongs elsewhere")
    need(found["key"]["scheme"] != "tenant-kek", "a tenant KEK is wrapped by a key of yours alone")
    return unwrap(found["key"], {"vault:tenant": tenant, "vault:use": "kek", "vault:wrap": str(key["wrap"])}, options)

def open_in_hsm(name, wrapped, context, options):  # OpenSC's pkcs11-tool asks the HSM; the PIN is in the variable PKCS11_PIN
    token = re.fullmatch("pkcs11:token=([^;?]+);object=[^;?]+", name)
    need(token and options.pkcs11, "a key of scheme pkcs11 needs --pkcs11, the library of the HSM")
    nonce, bound = 2 + wrapped[1], bind("callvault/pkcs11@v1", context)
    need(wrapped[0] == 1 and len(wrapped) == nonce + 60, "the wrapped key is not of this form")
    which = ["--module", options.pkcs11, "--token-label", urllib.parse.unquote(token[1]), "--id", wrapped[2:nonce].hex()]
    how = ["--mechanism", "AES-GCM", "--iv", wrapped[nonce:nonce + 12].hex(), "--aad", bound.hex(), "--tag-bits-len", "128"]
    ask = ["pkcs11-tool", "--login", "--pin", "env:PKCS11_PIN", *which, "--decrypt", *how, "-i", "/dev/stdin", "-o", "/dev/stdout"]
    answer = subprocess.run(ask, input=wrapped[nonce + 12:], capture_output=True)
    need(answer.returncode == 0 and len(answer.stdout) == 32, "the HSM does not open the key in this context")
    return answer.stdout

def unwrap(key, context, options):
    need(list(key) == "id scheme wrap wrapped".split(), "unknown or missing member of key")
    need(type(key["wrap"]) is int and key["wrap"] >= options.minimum_wrap, "the wrap generation is below the minimum")
    wrapped = unbase64(key["wrapped"])
    if key["scheme"] == "tenant-kek":
        need(wrapped[:4] == b"\0\0\0\1", "a tenant KEK has one version")
        return open_message(open_kek(key, context["vault:tenant"], options), bind("callvault/wrap@v1", context), wrapped[4:])
    need(key["id"] in options.accept_key, f"key {key['id']!r} is not one you vouch for")
    if key["scheme"] == "kms" and key["id"].startswith("arn:"):
        import boto3
        kms = boto3.client("kms", region_name=key["id"].split(":")[3], endpoint_url=options.kms_endpoint)
        return kms.decrypt(KeyId=key["id"], CiphertextBlob=wrapped, EncryptionContext=context)["Plaintext"]
    if key["scheme"] == "pkcs11" and key["id"].startswith("pkcs11:"): return open_in_hsm(key["id"], wrapped, context, options)
    need(key["scheme"] == "keyring" and key["id"].startswith("keyring/"), f"unknown scheme {key['scheme']!r}")
    need(options.keyring and options.root, "a key of scheme keyring needs --keyring and --root")
    keys, n = json.load(open(options.keyring, encoding="utf-8"))["keys"], int.from_bytes(wrapped[:4], "big")
    sealed = [version["sealed"] for each in keys if each["id"] == key["id"] for version in each["versions"] if version["n"] == n]
    need(sealed, "the keyring does not have that key and version")
    root, about = open(options.root, "rb").read(), info("callvault/keyring@v1", key["id"], str(n))
    version = open_message(root, about, unbase64(sealed[0]), "the root key does not open the keyring")
    return open_message(version, bind("callvault/wrap@v1", context), wrapped[4:])

def open_envelope(options):
    place = re.fullmatch(f"t/(ten_{ID})/e/(rec_{ID})/(dep_{ID})[.]json", options.envelope)
    need(place, "--envelope is t/<tenant>/e/<recording>/<deposit>.json")
    envelope, ids = document(options, options.envelope, "created deposit facts format key mac objects recording tenant"), place.groups()
    key = envelope["key"]
    need((envelope["tenant"], envelope["recording"], envelope["deposit"]) == ids, "the envelope belongs elsewhere")
    names = "vault:tenant", "vault:recording", "vault:deposit", "vault:use", "vault:wrap"
    data_key = unwrap(key, dict(zip(names, (*ids, "object", str(key["wrap"])))), options)
    verify(envelope, data_key, "callvault/envelope@v1", "key")
    for each in envelope["objects"]:
        name, size = each["name"], each["size"]
        need(re.fullmatch("[a-z]+(/[A-Za-z0-9-]{1,35})?", name) and type(size) is int and 0 <= size <= MOST, "not an object's name or size")
        right = {"heads": each["heads"], "name": name, "parts": size // PART + 1, "path": "t/{}/r/{}/{}/".format(*ids) + name,
                 "sealed": size // PART * sealed_size(PART) + sealed_size(size % PART), "size": size, "type": each["type"]}
        need(canonical(each) == canonical(right), "an object's path, sizes or members are not right")
    facts_key, facts_context = expand(data_key, info("callvault/facts@v1"), 32), info("callvault/facts@v1", *ids)
    facts = parse(open_message(facts_key, facts_context, unbase64(envelope["facts"])), 32768)
    return ids, data_key, {each["name"]: each for each in envelope["objects"]}, facts

# Later changes: format.md, section 8. What is wrong in an entry is amendment_damaged, unless it says amendment_unknown.

def metadata_key_of(tenant, options):
    found = document(options, f"t/{tenant}/tenant.json", "created format key mac tenant")
    need(found["tenant"] == tenant and found["key"]["scheme"] != "tenant-kek", "tenant.json belongs elsewhere")
    key = unwrap(found["key"], {"vault:tenant": tenant, "vault:use": "metadata", "vault:wrap": str(found["key"]["wrap"])}, options)
    verify(found, key, "callvault/tenant@v1", "key")
    return key

TIME = "str:[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"
HEAD = {"v": "int:1", "op": "str:.+", "why": "str:(?=.{1,64}$)[a-z_]+[.][a-z_]+", "by": "str:[!-~]{1,128}"}
FACTS = {"set": "dict:.+", "as_of": TIME}
REMOVED = {"id": "str:cmt_" + ID, "version": "int:[1-9].*"}
SAID = {"author": "str:[a-z]{3}_" + ID, "start_ms": "int:[0-9]+", "end_ms": "int:[0-9]+", "category": "str:.+",
        "visibility": "str:.+", "created": TIME, "edited": TIME, "text": "str:.{1,4000}"}
OPTIONAL, CATEGORIES = ("as_of", "end_ms", "edited"), "compliance praise improve follow-up note".split()
NEVER_SET = set("v source call_id leg duration_ms channels sha256 set_by".split())

def fits(value, form):  # lengths are in UTF-16 code units
    shown = re.sub("[^\0-\uffff]", "xx", f"{type(value).__name__}:{value}")
    return re.fullmatch(form, shown, re.DOTALL) and (form != TIME or datetime.datetime.fromisoformat(value[:-1]))

def levels(value):
    inner = value.values() if type(value) is dict else value if type(value) is list else None
    return 0 if inner is None else 1 + max(map(levels, inner), default=0)

def check_body(body):  # rows 9 to 13 of the table of faults
    need(levels(body) <= 64 and type(body.get("v")) is int and type(body.get("op")) is str)
    need(body["v"] == 1 and body["op"] in ("facts", "comment"), "amendment_unknown")
    facts, removed = body["op"] == "facts", body["op"] == "comment" and "text" not in body
    need(not removed or not SAID.keys() & body.keys())  # nothing personal stays
    forms = HEAD | (FACTS if facts else REMOVED if removed else REMOVED | SAID)
    need(body.keys() <= forms.keys(), "amendment_unknown")
    need(all(fits(body[name], form) if name in body else name in OPTIONAL for name, form in forms.items()))
    need(not facts or not NEVER_SET & body["set"].keys())
    need(facts or removed or body["category"] in CATEGORIES and body["visibility"] in ("team", "private"), "amendment_unknown")

def open_entry(name, raw, key, before):  # the entry after `before`, and its body
    entry, (tenant, hour, subject, n) = parse(raw, 65536), name.groups()
    need(entry.get("format") == "callvault/1", "amendment_unknown")
    need(list(entry) == "at event format mac n prev sealed subject tenant".split() and type(entry["n"]) is int)
    need((entry["tenant"], entry["subject"], entry["n"]) == (tenant, subject, int(n)) and fits(entry["event"], "str:evt_" + ID))
    need(fits(entry["at"], TIME) and re.sub("[-T:]", "", entry["at"])[:10] == hour)
    prev, sealed = unbase64(entry["prev"]), unbase64(entry["sealed"])
    verify(entry, key, "callvault/amendment-mac@v1")
    need(prev == (unbase64(before["mac"]) if before else bytes(64)) and (not before or entry["at"] >= before["at"]))
    context = info("callvault/amendment@v1", tenant, subject, str(entry["n"]), entry["event"])
    body = parse(open_message(expand(key, info("callvault/amendment@v1"), 32), context, sealed), 32768)
    check_body(body)
    return entry, body

def read_stream(names, read, subject, key):  # bodies up to the first fault, and the fault
    found, bodies, before = {}, [], None
    for name in sorted(set(names)):
        place = re.fullmatch(f"t/(ten_{ID})/a/([0-9]{{10}})/((?:rec|hld|ten)_{ID})-([0-9]{{8}})[.]json", name)
        if place and place[3] == subject: found.setdefault(int(place[4]), []).append(place)
    if 0 in found: return bodies, ("amendment_damaged", 0)
    for n in range(1, max(found, default=0) + 1):
        if len(found.get(n, [])) != 1: return bodies, ("amendment_forked" if n in found else "amendment_missing", n)
        raw = read(found[n][0].string)  # an error of the store is no fault of the entry
        try: before, body = open_entry(found[n][0], raw, key, before)
        except Exception as problem: return bodies, (("amendment_damaged", "amendment_unknown")[str(problem) == "amendment_unknown"], n)
        bodies.append(body)
    return bodies, None

def merge(target, patch):  # RFC 7396
    if type(patch) is not dict: return patch
    before = target if type(target) is dict else {}
    after = before | {name: merge(before.get(name), value) for name, value in patch.items()}
    return {name: after[name] for name in in_order(after) if name not in patch or patch[name] is not None}

def fold(facts, bodies):  # the facts with later changes, and the comments
    comments = {}
    for body in bodies:
        if body["op"] == "facts": facts = merge(facts, body["set"])
        elif "text" in body: comments[body["id"]] = {name: value for name, value in body.items() if name not in HEAD}
        else: comments.pop(body["id"], None)
    return facts, [comments[each] for each in sorted(comments)]

def amended(tenant, recording, facts, options):
    key, names = metadata_key_of(tenant, options), options.names(f"t/{tenant}/a/")
    bodies, fault = read_stream(names, lambda name: read(options, name), recording, key)
    if fault: raise ValueError("{} at entry {} of the recording; --as-deposited leaves its entries out".format(*fault))
    return fold(facts, bodies)

def leave(options):
    need(options.accept_key and options.envelope and options.out, "--envelope, --object, --out and --accept-key are needed")
    folder = os.path.dirname(os.path.abspath(options.out))
    need(os.path.isdir(folder) and not os.path.lexists(options.out), "--out is not a new file in a folder that exists")
    ids, data_key, objects, facts = open_envelope(options)
    need(options.object in objects, "--object is not in the envelope, which has " + ", ".join(objects))
    wanted = (options.facts or options.comments) and not options.as_deposited
    now, comments = amended(*ids[:2], facts, options) if wanted else (facts, [])
    found, key = objects[options.object], expand(data_key, info("callvault/object@v1", options.object), 32)
    context, heads, digest = info("callvault/part@v1", *ids, options.object), hashlib.sha256(), hashlib.sha256()
    handle, temporary = tempfile.mkstemp(dir=folder)  # readable by you alone
    try:
        with open(handle, "wb") as out, options.blob(found["path"]) as blob:
            for number in range(found["parts"]):
                length = sealed_size(PART if number < found["parts"] - 1 else found["size"] % PART)
                part = blob.read(length)
                need(len(part) == length, "the sealed object is too short")
                plaintext = open_message(key, context + number.to_bytes(4, "big"), part)
                heads.update(part[:56]), digest.update(plaintext), out.write(plaintext)
            need(not blob.read(1), "the sealed object is too long")
            out.flush(), os.fsync(out.fileno())
        need(heads.digest() == unbase64(found["heads"]), "a part is another sealing than the envelope names")
        need(digest.hexdigest() == facts["sha256"][options.object], "the plaintext is not the one the facts name")
        shown = [each for each, asked in ((now, options.facts), (comments, options.comments)) if asked]
        sys.stdout.buffer.write(b"".join(canonical(each) + b"\n" for each in shown)), sys.stdout.buffer.flush()
        os.replace(temporary, options.out)
    finally:
        if os.path.exists(temporary): os.unlink(temporary)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.error = lambda problem: sys.exit("leave: " + problem)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--store", metavar="DIR"), where.add_argument("--s3", metavar="s3://BUCKET/PREFIX")
    for name in ("endpoint", "kms-endpoint"): parser.add_argument("--" + name, metavar="URL", help="where it is not AWS's own")
    for name in ("keyring", "root", "pkcs11", "envelope", "object", "out"): parser.add_argument("--" + name)
    parser.add_argument("--list", metavar="TENANT", help="print the names of its envelopes, and end")
    parser.add_argument("--accept-key", action="append", metavar="KEYID", help="may be given more than once")
    parser.add_argument("--minimum-wrap", type=int, default=1, metavar="N")
    flags = {"facts": "print what is known about the call", "comments": "print its comments", "as-deposited": "leave later changes out"}
    for name, does in flags.items(): parser.add_argument("--" + name, action="store_true", help=does)
    options = parser.parse_args()
    try:
        options.blob, options.names = folder_store(options) if options.store else s3_store(options)
        need(options.list is None or re.fullmatch("ten_" + ID, options.list), "--list is a tenant's id")
        if options.list is None: leave(options)
        elif names := options.names(f"t/{options.list}/e/"): print(*names, sep="\n")
        else: raise ValueError("the store has no envelope of this tenant")
    except KeyError as name: sys.exit(f"leave: {name} is missing")
    except Exception as problem: sys.exit("leave: " + " ".join((str(problem) or "not authentic").split()))
