"""Output formats."""

import csv
import io
import json


def as_text(pairs):
    width = max((len(str(count)) for _, count in pairs), default=1)
    return "".join(f"{count:>{width}} {word}\n" for word, count in pairs)


def as_csv(pairs):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["word", "count"])
    writer.writerows(pairs)
    return out.getvalue()


def as_json(pairs):
    return json.dumps(dict(pairs), ensure_ascii=False, indent=2) + "\n"


FORMATS = {"text": as_text, "csv": as_csv, "json": as_json}
