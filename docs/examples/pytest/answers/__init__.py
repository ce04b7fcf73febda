"""A small application that streams answers of language models: what is tested here."""
