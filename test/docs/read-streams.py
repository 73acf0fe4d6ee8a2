"""Runs docs/leave.py's reader over streams from standard input: what it reads, and its first fault."""
import base64
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs"))
import leave  # noqa: E402

given = json.load(sys.stdin)
key, results = bytes.fromhex(given["key"]), []
for each in given["streams"]:
    blobs = {name: base64.b64decode(text) for name, text in each["blobs"]}
    bodies, fault = leave.read_stream([*blobs], blobs.__getitem__, each["subject"], key)
    facts = json.loads(each["facts"])
    after = [leave.canonical(leave.fold(facts, bodies[:n + 1])[0]).decode() for n in range(len(bodies))]
    comments = leave.canonical(leave.fold(facts, bodies)[1]).decode()
    results.append({"authentic": len(bodies), "fault": fault, "facts_after": after, "comments": comments})
json.dump(results, sys.stdout)
