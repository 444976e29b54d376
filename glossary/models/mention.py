"""Which text uses which term."""

from django.db import models

from glossary.models.passage import Passage
from glossary.models.term import Term


class Mention(models.Model):
    """A passage uses a term; the links in it and the lists at the term come from these rows."""

    passage = models.ForeignKey(Passage, on_delete=models.CASCADE, related_name="mentions")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="mentions")

    class Meta:
        constraints = (models.UniqueConstraint("passage", "term", name="mention_once_per_passage"),)

    def __str__(self) -> str:
        return f"{self.term_id} in {self.passage_id}"
