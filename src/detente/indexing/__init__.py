"""The stance index: predictions over a corpus → shares and direction a period and group, corrected by an audit."""

from detente.indexing.index import IndexRow, StanceIndex, stance_index
from detente.indexing.options import IndexOptions

__all__ = ["IndexOptions", "IndexRow", "StanceIndex", "stance_index"]
