"""Cleaner production options (清洁生产方案): what they change, what they bring together, which set to choose."""
