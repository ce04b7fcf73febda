"""What moves a clock: real time, and one day event loops."""
