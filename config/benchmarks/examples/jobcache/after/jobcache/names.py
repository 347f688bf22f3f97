"""File names of jobs: any text in, a safe file name out."""

import re
from urllib.parse import quote, unquote

SUFFIX = ".job"


def file_name(name):
    if not name:
        raise ValueError("a job needs a name")
    return quote(name, safe="").replace(".", "%2E") + SUFFIX


def job_name(file):
    return unquote(re.sub(re.escape(SUFFIX) + "$", "", file))
