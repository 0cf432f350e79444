"""No run of the tests calls home, and none starts Prefect's server unless it asks for it."""

import os

os.environ.update(
    PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", PREFECT_SERVER_EPHEMERAL_ENABLED="false"
)
