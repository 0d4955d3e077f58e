"""The door for the application server. A web process holds the passwords of web roles only."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minqing.settings")
os.environ["MINQING_PROCESS"] = "web"

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the process kind must be known before settings load

application = get_wsgi_application()

from minqing.web.shared import warm  # noqa: E402 - settings are read by now

warm.warm()
