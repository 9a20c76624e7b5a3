"""What `run.py` is made of: data, processes, signed requests, measuring, rows, and the table."""
