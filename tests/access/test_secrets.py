"""What is not for somebody is on no page that somebody can open."""

import pytest

from courses.models import Lesson
from courses.writing import save_lesson
from tests.access.conftest import As
from tests.access.test_every_page import MATRIX

# A lesson in which everything that can be taken out of a text and shown elsewhere is secret.
TEXT = r"""
## Quokka heading

A numbat sentence about the neuron and [a bilby link](https://example.org/potoroo).

$$\text{wallaby} = 1$$

```python
wombat = 1
```

- Bandicoot item
"""
WORDS = ("quokka", "numbat", "bilby", "potoroo", "wallaby", "wombat", "bandicoot")
DRAFTS = ("draft term", "hidden term", "draft glossary", "draft course", "draft lesson")
LOCKED = "/courses/deep-learning/lessons/backpropagation/"


@pytest.fixture
def secret(site: None) -> Lesson:
    lesson = Lesson.objects.get(slug="backpropagation")
    return save_lesson(lesson, text=TEXT)


@pytest.mark.parametrize("person", ["outsider", "student", "other", "staff"])
def test_a_locked_lesson_leaks_on_no_page(secret: Lesson, as_: As, person: str) -> None:
    browser = as_(person)
    for _, address, _ in MATRIX:
        page = browser.get(address).content.decode(errors="replace").lower()
        assert [word for word in WORDS if word in page] == [], address
    assert "/glossary/deep-learning/neuron/" not in browser.get(LOCKED).content.decode()


@pytest.mark.parametrize("person", ["learner", "superuser"])
def test_those_who_may_read_it_read_all_of_it(secret: Lesson, as_: As, person: str) -> None:
    page = as_(person).get(LOCKED).content.decode().lower()
    assert [word for word in WORDS if word not in page] == []
    assert "/glossary/deep-learning/neuron/" in page


@pytest.mark.parametrize("person", ["outsider", "student", "learner", "other", "staff"])
def test_what_is_not_published_is_named_on_no_page(as_: As, person: str) -> None:
    browser = as_(person)
    for _, address, _ in MATRIX:
        page = browser.get(address).content.decode(errors="replace").lower()
        assert [name for name in DRAFTS if name in page] == [], address


@pytest.mark.parametrize("person", ["outsider", "student", "other", "staff"])
def test_a_tick_opens_no_locked_lesson(secret: Lesson, as_: As, person: str) -> None:
    browser = as_(person)
    page = browser.post(f"{LOCKED}completion/", follow=True).content.decode().lower()
    assert [word for word in WORDS if word in page] == []
    assert not secret.readings.exists()
