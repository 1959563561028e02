"""The counter.

Textual reads its environment while it is imported, so this must stand before any import of it: terminals that honour
the kitty keyboard request shred an input method's commit of five or more Han characters (trap 3 of input_traps).
"""

import os

os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
