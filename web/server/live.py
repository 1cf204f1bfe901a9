"""Following a search while it goes on, by server-sent events.

The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html: a browser that lost the
connection asks again with `Last-Event-ID`, and goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from web.server.answers import dumps
from web.server.timeline import Timeline

POLL_SECONDS = 0.1
"""How often the store is looked at; searches write to it in batches of this length."""
_BATCH = 1000
_HEARTBEAT_SECONDS = 15.0


async def follow(timeline: Timeline, live: Callable[[], bool], after: int) -> AsyncIterator[str]:
    """Yield the records behind a sequence number as server-sent events, as they come, until nobody works any more.

    Args:
        timeline: of the search.
        live: says whether a process is at work on it.
        after: a sequence number.
    """
    yield "retry: 1000\n\n"
    loop = asyncio.get_running_loop()
    spoken = loop.time()
    while True:
        # Asked before the events are read: what was written before the end is then read for certain.
        working = await asyncio.to_thread(live)
        page = await asyncio.to_thread(timeline.page, after, _BATCH)
        after = page["next"]
        if page["records"]:
            spoken = loop.time()
            yield f"event: records\nid: {after}\ndata: {dumps(page['records'])}\n\n"
        if page["more"]:
            continue
        if not working:
            yield f"event: done\nid: {after}\ndata: {{}}\n\n"
            return
        if loop.time() - spoken > _HEARTBEAT_SECONDS:
            spoken = loop.time()
            yield ": still there\n\n"
        await asyncio.sleep(POLL_SECONDS)
