"""What newsetl costs, measured: `python -m benchmarks` runs all of it and prints one table."""
