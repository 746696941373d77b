"""TAP lines for the conformance tests."""

import sys

_count = _failures = 0


def ok(passed, name):
    global _count, _failures
    _count += 1
    _failures += not passed
    print(("ok" if passed else "not ok"), _count, "-", name, flush=True)
    return passed


def note(text):
    print("#  ", text, flush=True)


def skip(name, why):
    global _count
    _count += 1
    print("ok", _count, "-", name, "# SKIP", why, flush=True)


def done():
    print("1..%d" % _count)
    sys.exit(_failures != 0)
