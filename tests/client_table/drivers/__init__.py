"""Programs that ask with a client: a JSON line in, a JSON line out. They run where the clients are installed."""
