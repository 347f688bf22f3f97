"""Keeps finished jobs in a folder, one file a job."""

from .errors import CacheError, CorruptEntry, MissingEntry, UnstorableJob
from .job import Job
from .store import JobStore

__all__ = ["CacheError", "CorruptEntry", "Job", "JobStore", "MissingEntry", "UnstorableJob"]
