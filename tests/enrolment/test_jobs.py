"""Jobs whose worker died are found and run again."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from enrolment import jobs
from tests.enrolment.driving import queued


def worker_dies_with(*keys: int) -> None:
    """The jobs are marked as being done, by a worker that is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE id = ANY(%s)",
            [list(keys)],
        )


def find_stalled() -> None:
    """Run the periodic job as the worker does, on a loop of its own."""

    async def once() -> None:
        await jobs.run_stalled_jobs_again.func(timestamp=0)
        await sync_to_async(connections.close_all)()

    asyncio.run(once())


@pytest.fixture(autouse=True)
def no_jobs(transactional_db: None) -> None:
    """Other tests' jobs are left behind: the tables are Procrastinate's, which nothing empties."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def test_a_job_whose_worker_died_is_run_again() -> None:
    key = jobs.send_mail.defer(kind="enrolled", key="7b0c2a52-3c0b-4f0e-9d43-111111111111")
    worker_dies_with(key)
    assert queued() == []
    find_stalled()
    assert [job.pk for job in queued()] == [key]


def test_a_periodic_job_that_has_a_successor_is_let_go() -> None:
    first = jobs.reconcile.configure().defer(timestamp=0)
    worker_dies_with(first)
    second = jobs.reconcile.configure().defer(timestamp=60)
    find_stalled()
    assert [job.pk for job in queued()] == [second]
    assert ProcrastinateJob.objects.get(pk=first).status == "failed"
