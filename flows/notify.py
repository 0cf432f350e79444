"""An automation of Prefect's server that calls a webhook when a run ends as Degraded, Failed or Crashed.

`newsetl serve --webhook URL` makes it; so does `python -m newsetl.flows.notify URL`, for the server that
PREFECT_API_URL names. Made again it is replaced.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

NAME = "newsetl: a run needs a person"
STATES = ("Degraded", "Failed", "Crashed")
# Of the flow run and its new state; tojson, since a message may hold quotes.
PAYLOAD = (
    '{"run": {{ flow_run.name | tojson }}, "state": {{ flow_run.state.name | tojson }}, '
    '"message": {{ (flow_run.state.message or "") | tojson }}, "url": {{ flow_run | ui_url | tojson }}}'
)


async def notify(url: str) -> None:
    """The address is called with JSON: run, state, message and url of the run's page."""
    webhook = Webhook(url=SecretStr(url), headers=SecretDict({"Content-Type": "application/json"}))
    block_id = await webhook.asave("newsetl", overwrite=True)
    async with get_client() as client:
        for old in await client.read_automations_by_name(NAME):
            await client.delete_automation(old.id)
    trigger = EventTrigger(
        expect={f"prefect.flow-run.{state}" for state in STATES},
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related={"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.newsetl"},
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )
    call = CallWebhook(block_document_id=block_id, payload=PAYLOAD)
    await Automation(name=NAME, trigger=trigger, actions=[call]).acreate()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m newsetl.flows.notify https://example.org/hook")
    asyncio.run(notify(sys.argv[1]))
