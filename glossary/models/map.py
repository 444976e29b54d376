"""How the terms of a glossary hang together, drawn beforehand."""

from django.db import models

from glossary.models.glossary import Glossary


class GlossaryMap(models.Model):
    """Where the most connected terms of a glossary stand on its map.

    ``places`` is ``[[term's id, x, y], …]`` with x from 0 to 1600, and y to 1000, downwards;
    ``lines`` is ``[[id, id], …]``. Made by ``glossary.mapping``, never at view time.
    """

    glossary = models.OneToOneField(
        Glossary, on_delete=models.CASCADE, primary_key=True, related_name="map"
    )
    places = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    # How many public terms there were, of which the map shows the most connected.
    term_count = models.PositiveIntegerField(default=0)
    # The glossary's revision when somebody looked last whether it had changed; None after its
    # definitions were linked anew, which is no revision.
    revision = models.PositiveBigIntegerField(null=True, default=None)
    # What it was drawn from, so that it is laid out anew only when that has changed.
    drawn_from = models.CharField(max_length=64, default="")
    drawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"map of {self.glossary}"
