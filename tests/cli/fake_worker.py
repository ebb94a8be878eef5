"""A worker of another installation, without torch: speaks the channel's language, and times nothing.

``FAKE`` has JSON: ``installation`` (none of it in an older rnnbench), ``factor`` by which its times are longer, and
``crash``, the number of a slot (over the life of ``counter``, a file) at which the process ends.
"""

import json
import math
import os
import random
import sys
from pathlib import Path

FAKE = json.loads(os.environ["FAKE"])


def answer(request):
    """Return the answer to one request, or end."""
    if "probe" in request:
        return {
            "event": "probe",
            "devices": dict.fromkeys(request["probe"]["devices"], "cpu"),
            "gpus": [],
            "error": None,
        }
    counter = Path(FAKE["counter"])
    count = len(counter.read_text()) if counter.exists() else 0
    counter.write_text("x" * (count + 1))
    if count == FAKE.get("crash"):
        sys.stderr.write("Fatal: something gave way\n")
        sys.stderr.flush()
        os._exit(1)
    noise = random.Random(f"{FAKE['counter']} {count}")  # noqa: S311 - noise
    seconds = 0.01 * FAKE.get("factor", 1.0) * math.exp(noise.gauss(0, 0.005))
    figure = {"form": "timing", "values": [seconds], "flags": [], "details": {}}
    observation = {"figures": {"training_time.layer": figure}, "kernel": None, "agreement": None}
    return {"event": "result", "job": request["job"], "observation": observation}


def main():
    """Serve requests until stdin ends."""
    ready = {"event": "ready", "packages": {"torch": "2.0"}, "python": "3.11", "settings": {}}
    if "installation" in FAKE:
        ready["installation"] = FAKE["installation"]
    for message in messages(ready):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def messages(ready):
    """Yield what to say, as requests come."""
    yield ready
    for line in sys.stdin:
        yield answer(json.loads(line))


main()
