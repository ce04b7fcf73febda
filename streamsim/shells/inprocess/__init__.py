"""Clients that meet the server in their own process, under a virtual clock."""
