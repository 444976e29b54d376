"""Work that is not done while somebody waits. Every job may run twice, or after a crash."""

from django.utils import timezone
from procrastinate.contrib.django import app


@app.periodic(cron="55 3 * * *")
@app.task(queueing_lock="old_searches", pass_context=False)
def forget_searches_in_vain(timestamp: int) -> None:
    """Every night: drop what nobody has looked for in vain for half a year."""
    from courses import finding

    finding.forget_in_vain(at=timezone.now())
