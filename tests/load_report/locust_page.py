"""Locust's web page with the tab, around a run that is already there: `python -m tests.load_report.locust_page EXAMPLE`.

Prints its port; lives until its input is closed.
"""

import sys

import gevent
from gevent import monkey

monkey.patch_all()

from locust import User, constant, task  # noqa: E402 - gevent comes first
from locust.env import Environment  # noqa: E402

from load_report import web_tab  # noqa: E402
from tests.load_report import examples  # noqa: E402


class Idle(User):
    wait_time = constant(1)

    @task
    def rest(self):
        """The numbers come from the example."""


def main(name):
    environment = Environment(user_classes=[Idle])
    runner = environment.create_local_runner()
    web_tab.install(environment, examples.nothing)  # there is no page yet, so this does nothing
    web = environment.create_web_ui("127.0.0.1", 0)
    web_tab.install(environment, examples.ALL.get(name, lambda: None))
    while not (web.server and web.server.started):
        gevent.sleep(0.01)
    if name != "nobody":
        runner.start(1, 1)
    print(web.server.server_port, flush=True)
    gevent.get_hub().threadpool.spawn(sys.stdin.read).get()
    runner.quit()


if __name__ == "__main__":
    main(sys.argv[1])
