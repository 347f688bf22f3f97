"""The folder of jobs."""

import os
import pickle
import tempfile
from pathlib import Path

from .errors import CorruptEntry, MissingEntry, UnstorableJob
from .job import Job
from .names import SUFFIX, file_name, job_name


class JobStore:
    """Jobs by name in a folder; a job that is stored twice replaces the earlier one."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def put(self, job):
        """Store a job whole or not at all."""
        try:
            content = pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise UnstorableJob(f"{job.name}: {error}") from error
        handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, self.folder / file_name(job.name))

    def get(self, name):
        """Return a job as it was stored."""
        path = self.folder / file_name(name)
        try:
            with open(path, "rb") as stream:
                job = pickle.load(stream)
        except FileNotFoundError:
            raise MissingEntry(name) from None
        except (pickle.UnpicklingError, EOFError, ValueError, AttributeError, ImportError, IndexError) as error:
            raise CorruptEntry(name, error) from error
        if not isinstance(job, Job) or job.name != name:
            raise CorruptEntry(name, "not this job")
        return job

    def names(self):
        return sorted(job_name(path.name) for path in self.folder.glob("*" + SUFFIX))

    def find(self, *tags):
        """Return all readable jobs that have these tags, oldest first."""
        found = []
        for name in self.names():
            try:
                job = self.get(name)
            except CorruptEntry:
                continue
            if job.matches(*tags):
                found.append(job)
        return sorted(found, key=lambda job: job.finished)

    def corrupt(self):
        """Return the names of entries that cannot be read."""
        bad = []
        for name in self.names():
            try:
                self.get(name)
            except CorruptEntry:
                bad.append(name)
        return bad

    def remove(self, name):
        try:
            (self.folder / file_name(name)).unlink()
        except FileNotFoundError:
            raise MissingEntry(name) from None
