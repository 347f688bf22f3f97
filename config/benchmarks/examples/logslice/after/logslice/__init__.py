"""Cuts lines out of log files by time, level and pattern."""

__version__ = "1.0"
