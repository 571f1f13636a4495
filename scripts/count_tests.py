#!/usr/bin/env python3
"""Prints how many tests passed, failed and were skipped: `count_tests.py RESULTS.xml STATUS`.

RESULTS.xml is what `ctest --output-junit` wrote, STATUS its exit status. Only a test that asked to be
skipped counts as skipped: one that could not be started failed.
"""

import sys
import xml.etree.ElementTree as xml


def outcome(case):
    if case.get("status") == "run":
        return "passed"
    skipped = case.find("skipped")
    asked = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if asked or case.get("status") == "disabled" else "failed"


def main(results, status):
    try:
        outcomes = [outcome(case) for case in xml.parse(results).iter("testcase")]
    except (OSError, xml.ParseError):
        outcomes = []
    passed, failed, skipped = (outcomes.count(o) for o in ("passed", "failed", "skipped"))
    # ctest that fails without a failed test did not do its work.
    if status != "0" and not failed:
        failed = 1
    print(passed, failed, skipped)


if __name__ == "__main__":
    main(*sys.argv[1:])
