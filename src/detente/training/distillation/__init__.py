"""Distillation: a teacher's knowledge into a small encoder, in stages that each can be resumed."""
