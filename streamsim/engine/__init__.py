"""The sans-IO core behind every shell: request bytes in, timed response bytes out."""
