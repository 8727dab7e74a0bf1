"""The product as it was before links had a life of their own, to be measured beside what it is.

`python bench/before.py` with PYTHONPATH set to a checkout of that state: all that it imports
is of that time. Of each line of its input, `COUNT AT_ONCE`, it makes as many commands, and
prints how many milliseconds each took to its answer, as JSON.
"""

import json
import sys

from bench import link, product


def main() -> None:
    """Answer until the input ends."""
    with product.running() as (_, slack):
        print("ready", flush=True)
        for line in sys.stdin:
            count, at_once = map(int, line.split())
            done = link.commands(slack, slack.add_channels(count), at_once)
            print(json.dumps([one.seen_ms for one in done]), flush=True)


if __name__ == "__main__":
    main()
