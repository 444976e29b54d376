"""Documents brought in: compared with the site, decided on, applied, and taken back.

``planning`` compares and writes nothing; ``applying`` does what was decided, as one;
``undoing`` takes an import back as a whole.
"""
