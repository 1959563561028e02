"""What Textual 8.2.8 does wrong at a counter, mended in one place; each fix has a test that fails without it.

1. typed-ahead keys are lost or land in the wrong field      → `keyboard.OrderedKeys`
2. every screen opened leaves its painted lines behind, the
   built-in footer most of all                               → `memory`, and `widgets.key_bar.KeyBar`
3. the kitty keyboard request shreds input-method commits    → the environment, set in `kiosk/__init__.py`
4. the first candidate window opens in the wrong place       → `caret.CaretFollows`
5. the terminal losing focus counts as leaving a field       → `leaving.FieldWatch`
6. Input refuses silently                                    → `text` here, `widgets.slip_input.SlipInput`
7. DataTable does not scale                                  → `widgets.page_table.PageTable`
8. docked widgets overlap, toasts cover, scrollers take Tab  → `widgets.rows` and the screens' one layout
9. screenshots squeeze Chinese                               → `screenshot.mended_svg`
And: tracebacks that show a customer (`crash.QuietCrash`), SIGTERM that leaves the terminal raw
(`crash.ending_on_signals`), glyphs of ambiguous width (`width`).

This file imports nothing: a screen takes what it needs, and the first paint does not wait for the rest.
"""
