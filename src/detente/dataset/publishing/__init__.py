"""A dataset given to others: without its text, put back together by whoever has the articles, compared with another."""

from detente.dataset.publishing.diff import DatasetDiff, diff_datasets
from detente.dataset.publishing.publish import publish_dataset
from detente.dataset.publishing.rebuild import rebuild_dataset

__all__ = ["DatasetDiff", "diff_datasets", "publish_dataset", "rebuild_dataset"]
