"""`python -m buzzguard`."""

from buzzguard.cli import main

main()
