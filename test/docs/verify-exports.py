"""Runs docs/verify_log.py over many exports in one process: calls from standard input, what each returns and prints to standard output."""
import contextlib
import io
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs"))
import verify_log  # noqa: E402

results = []
for args in json.load(sys.stdin):
    sys.argv = ["verify_log.py", *args]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = verify_log.main()
    results.append({"status": status, "printed": printed.getvalue()})
json.dump(results, sys.stdout)
