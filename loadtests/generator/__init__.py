"""Sends requests at given moments or by given users, and records what became of each."""
