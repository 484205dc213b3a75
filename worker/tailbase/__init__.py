"""Pose estimation for animals: train on a few labelled frames, predict every video.

Importing this package loads nothing heavy; torch is loaded by the modules that need it.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tailbase")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
