"""The command ``qingyuan``: one sub-command for each thing a user does."""
