"""`python -m kiosk.cli` is the same as the console command `xianhou`."""

from kiosk.cli import main

if __name__ == "__main__":
    main()
