"""Practising terms: what is asked, when it comes back, and how well it is known.

- ``scheduling``: what a rating does to a memory (FSRS).
- ``accounts`` and ``visits``: where memories are kept, for learners and for visitors.
- ``queue``: what is asked next. ``cards``: how it is asked.
"""
