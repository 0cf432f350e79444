"""Entry point of `python -m newsetl`."""

from newsetl.cli.main import main

if __name__ == "__main__":
    main()
