"""What current official clients do with each fault: ``python -m tests.client_table`` writes the table anew."""
