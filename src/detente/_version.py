"""The version, in one place: the build reads it, every artefact carries it."""

__version__ = "0.1.0"
