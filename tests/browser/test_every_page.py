"""Every page, from a phone to a wide screen, in light and in dark.

A sample in each run; all of it is a proof. ``TERMTIME_SCREENSHOTS=folder`` keeps pictures.
"""

import pytest

from tests.browser.conftest import Enter
from tests.browser.live_site import LiveSite
from tests.browser.pages import REST, SAMPLE
from tests.browser.stops import EVERY_SIZE, PHONE_AND_DARK, Stop, look

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("stop", SAMPLE, ids=str)
def test_a_page_is_sound_on_a_phone_and_in_the_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, PHONE_AND_DARK)


@pytest.mark.proof
@pytest.mark.parametrize("stop", SAMPLE + REST, ids=str)
def test_every_page_is_sound_at_every_width_in_light_and_in_dark(
    enter: Enter, site: LiveSite, stop: Stop
) -> None:
    look(enter, site, stop, EVERY_SIZE)
