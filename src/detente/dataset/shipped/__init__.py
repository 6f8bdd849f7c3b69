"""Labelled corpora that come with the package: what is said of them, their rows, and the texts that others hold."""
