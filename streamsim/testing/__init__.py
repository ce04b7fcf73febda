"""What streamsim gives to the tests of others."""
