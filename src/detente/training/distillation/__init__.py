"""Distillation: a teacher's knowledge into a small encoder of PhoBERT's format, in stages that each can be resumed."""
