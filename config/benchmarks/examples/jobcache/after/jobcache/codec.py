"""Jobs as JSON text."""

import base64
import json
from datetime import datetime

from .job import Job


def to_text(job):
    return json.dumps(
        {
            "name": job.name,
            "args": list(job.args),
            "options": job.options,
            "tags": sorted(job.tags),
            "finished": job.finished.isoformat(),
            "output": base64.b64encode(job.output).decode("ascii"),
            "seconds": job.seconds,
        },
        ensure_ascii=False,
    )


def from_text(text):
    """Return the job; raises ValueError, KeyError or TypeError for any other text."""
    fields = json.loads(text)
    return Job(
        name=fields["name"],
        args=tuple(fields["args"]),
        options=fields["options"],
        tags=frozenset(fields["tags"]),
        finished=datetime.fromisoformat(fields["finished"]),
        output=base64.b64decode(fields["output"], validate=True),
        seconds=fields["seconds"],
    )
