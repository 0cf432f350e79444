"""No run of the tests calls home, and none starts Prefect's server unless it asks for it."""

import os
from typing import Any

import pytest

os.environ.update(
    PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", PREFECT_SERVER_EPHEMERAL_ENABLED="false"
)


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Eight weeks of a channel, to be read only."""
    import channels

    return channels.weeks(tmp_path_factory.mktemp("weeks"))
