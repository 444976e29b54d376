"""What is forgotten is found, and what people wrote is not taken for it."""

from tests.words.forgotten import forgotten
from tests.words.pseudo import pseudo


def test_a_word_that_was_not_looked_up_is_found_wherever_it_stands() -> None:
    page = f"""
      <title>Forgotten title</title><meta name="description" content="Forgotten summary">
      <p>{pseudo("Read the terms")} or leave it</p>
      <input placeholder="Forgotten hint" aria-label="{pseudo("Name")}" value="left alone">
      <img alt="Forgotten picture"><script>const words = "left alone";</script>
    """
    assert forgotten(page, ()) == [
        "text: Forgotten title",
        "meta[content]: Forgotten summary",
        "text: or leave it",
        "input[placeholder]: Forgotten hint",
        "img[alt]: Forgotten picture",
    ]


def test_what_people_wrote_is_left_alone() -> None:
    known = {"Deep learning", "Example College", "A weighted sum and a bend."}
    page = f"""
      <title>Deep learning · Example College</title>
      <p>{pseudo("Enrol on %(course)s") % {"course": "Deep learning"}}</p>
      <p>A weighted sum …</p><p>REC-000001, £90, 10:30, hello@example.org</p>
    """
    assert forgotten(page, known) == []
